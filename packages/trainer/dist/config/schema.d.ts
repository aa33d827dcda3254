import { z } from 'zod';
/**
 * Every setting of a run, nested by trick. The defaults are the paper's full recipe for ResNet-50-D
 * (He et al. 2019, table 6) without a teacher; a trick that is `null` or `false` is off.
 */
export declare const configSchema: z.ZodObject<{
    model: z.ZodDefault<z.ZodString>;
    dataset: z.ZodEnum<{
        "fashion-mnist": "fashion-mnist";
        synthetic: "synthetic";
    }>;
    synthetic: z.ZodPrefault<z.ZodObject<{
        imageSize: z.ZodDefault<z.ZodInt>;
        channels: z.ZodDefault<z.ZodInt>;
        numClasses: z.ZodDefault<z.ZodInt>;
        trainSamples: z.ZodDefault<z.ZodInt>;
        evalSamples: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    limitSamples: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
    augment: z.ZodPrefault<z.ZodObject<{
        cropPadding: z.ZodDefault<z.ZodInt>;
        flip: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strict>>;
    seed: z.ZodDefault<z.ZodInt>;
    epochs: z.ZodDefault<z.ZodInt>;
    stepsPerEpoch: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
    batchSize: z.ZodDefault<z.ZodInt>;
    init: z.ZodDefault<z.ZodEnum<{
        xavier: "xavier";
        he: "he";
    }>>;
    learningRate: z.ZodPrefault<z.ZodObject<{
        base: z.ZodDefault<z.ZodNumber>;
        baseBatchSize: z.ZodDefault<z.ZodInt>;
        linearScaling: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strict>>;
    schedule: z.ZodPrefault<z.ZodObject<{
        name: z.ZodDefault<z.ZodEnum<{
            cosine: "cosine";
            step: "step";
            polynomial: "polynomial";
            constant: "constant";
        }>>;
        end: z.ZodDefault<z.ZodNumber>;
        boundaries: z.ZodDefault<z.ZodArray<z.ZodNumber>>;
        factor: z.ZodDefault<z.ZodNumber>;
        power: z.ZodDefault<z.ZodNumber>;
    }, z.core.$strict>>;
    warmup: z.ZodPrefault<z.ZodNullable<z.ZodObject<{
        epochs: z.ZodDefault<z.ZodNumber>;
        form: z.ZodDefault<z.ZodEnum<{
            paper: "paper";
            gluon: "gluon";
        }>>;
    }, z.core.$strict>>>;
    optimizer: z.ZodPrefault<z.ZodObject<{
        momentum: z.ZodDefault<z.ZodNumber>;
        weightDecay: z.ZodDefault<z.ZodNumber>;
        noBiasDecay: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strict>>;
    zeroGamma: z.ZodDefault<z.ZodBoolean>;
    labelSmoothing: z.ZodPrefault<z.ZodNullable<z.ZodObject<{
        epsilon: z.ZodDefault<z.ZodNumber>;
        form: z.ZodDefault<z.ZodEnum<{
            paper: "paper";
            uniform: "uniform";
        }>>;
    }, z.core.$strict>>>;
    mixup: z.ZodPrefault<z.ZodNullable<z.ZodObject<{
        alpha: z.ZodDefault<z.ZodNumber>;
        lastEpochsOff: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>>;
    distillation: z.ZodDefault<z.ZodNullable<z.ZodObject<{
        teacher: z.ZodString;
        temperature: z.ZodDefault<z.ZodNumber>;
        form: z.ZodDefault<z.ZodEnum<{
            paper: "paper";
            convex: "convex";
        }>>;
        hardWeight: z.ZodDefault<z.ZodNumber>;
    }, z.core.$strict>>>;
    amp: z.ZodDefault<z.ZodNullable<z.ZodObject<{
        dtype: z.ZodDefault<z.ZodNullable<z.ZodEnum<{
            float16: "float16";
            bfloat16: "bfloat16";
        }>>>;
        lossScale: z.ZodDefault<z.ZodNullable<z.ZodUnion<readonly [z.ZodLiteral<"dynamic">, z.ZodNumber]>>>;
    }, z.core.$strict>>>;
    compile: z.ZodDefault<z.ZodBoolean>;
    evalInterval: z.ZodDefault<z.ZodInt>;
    evalBatchSize: z.ZodDefault<z.ZodInt>;
    checkpointInterval: z.ZodDefault<z.ZodNullable<z.ZodInt>>;
    logInterval: z.ZodDefault<z.ZodInt>;
    output: z.ZodDefault<z.ZodString>;
    experiment: z.ZodDefault<z.ZodNullable<z.ZodString>>;
}, z.core.$strict>;
/** What the schema says about one setting. */
export interface Setting {
    readonly type: z.ZodType;
    readonly description: string;
}
/** The settings directly below a mapping, by name; none for a plain value. */
export declare function settingsBelow(path: readonly PropertyKey[]): Readonly<Record<string, z.ZodType>>;
/** The setting with a dotted name such as `mixup.alpha`. */
export declare function settingAt(name: string): Setting;
/** A resolved configuration: every field present. */
export type TrainConfig = z.output<typeof configSchema>;
/** What a recipe file or a caller writes: only `dataset` is required. */
export type TrainConfigInput = z.input<typeof configSchema>;
//# sourceMappingURL=schema.d.ts.map