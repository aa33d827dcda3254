import { z } from 'zod';
import { augmentSchema, datasetSettings, inputSchema, syntheticSchema } from './data-schema.ts';

const positiveInteger = z.int().min(1);
const fraction = z.number().min(0).max(1);

/** What mixed precision computes in. */
export const lowPrecisions = ['float16', 'bfloat16'] as const;

/**
 * Every setting of a run, nested by trick. The defaults are the paper's full recipe for ResNet-50-D
 * (He et al. 2019, table 6) without a teacher; a trick that is `null` or `false` is off.
 */
export const configSchema = z.strictObject({
  model: z
    .string()
    .default('resnet50d')
    .describe('network, as timm names it: resnet50d, resnet20d'),
  ...datasetSettings,
  synthetic: syntheticSchema,
  limitSamples: positiveInteger
    .nullable()
    .default(null)
    .describe('use only N training images, drawn by the seed'),
  input: inputSchema,
  augment: augmentSchema,
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(42)
    .describe('seed of every random draw'),
  epochs: positiveInteger.default(120).describe('length of the run'),
  stepsPerEpoch: positiveInteger.nullable().default(null).describe('end each epoch after N steps'),
  batchSize: z.int().min(2).max(65536).default(256).describe('images a step'),
  init: z.enum(['xavier', 'he']).default('xavier').describe('initial conv and dense weights'),
  learningRate: z
    .strictObject({
      base: z.number().positive().max(100).default(0.1).describe('learning rate at baseBatchSize'),
      baseBatchSize: positiveInteger.default(256).describe('batch size that base is for'),
      linearScaling: z
        .boolean()
        .default(true)
        .describe('multiply by batchSize / baseBatchSize (section 3.1)'),
    })
    .prefault({}),
  schedule: z
    .strictObject({
      name: z
        .enum(['cosine', 'step', 'polynomial', 'constant'])
        .default('cosine')
        .describe('decay after the warmup'),
      end: z.number().min(0).default(0).describe('final learning rate of cosine and polynomial'),
      boundaries: z
        .array(z.number().positive())
        .default([30, 60, 90])
        .describe('epochs at which step decays'),
      factor: z.number().positive().lt(1).default(0.1).describe('what step multiplies by'),
      power: z.number().positive().default(2).describe('exponent of polynomial'),
    })
    .prefault({}),
  warmup: z
    .strictObject({
      epochs: z.number().positive().default(5).describe('length of the linear warmup'),
      form: z.enum(['paper', 'gluon']).default('paper').describe("the paper's or gluon-cv's count"),
    })
    .nullable()
    .prefault({}),
  optimizer: z
    .strictObject({
      momentum: z.number().min(0).lt(1).default(0.9).describe('Nesterov momentum'),
      weightDecay: z
        .number()
        .min(0)
        .max(1)
        .default(1e-4)
        .describe('weight decay inside the gradient'),
      noBiasDecay: z
        .boolean()
        .default(true)
        .describe('decay conv and dense weights only (section 3.1)'),
    })
    .prefault({}),
  zeroGamma: z
    .boolean()
    .default(true)
    .describe('last BN gamma of each residual block starts at 0 (section 3.1)'),
  labelSmoothing: z
    .strictObject({
      epsilon: z.number().min(0).lt(1).default(0.1).describe('share of the label given away'),
      form: z
        .enum(['uniform', 'paper'])
        .default('uniform')
        .describe('eps/K for all, or eps/(K-1) for the others'),
    })
    .nullable()
    .prefault({}),
  mixup: z
    .strictObject({
      alpha: z
        .number()
        .positive()
        .max(100)
        .default(0.2)
        .describe('lambda is drawn from Beta(alpha, alpha)'),
      lastEpochsOff: z.int().min(0).default(0).describe('no mixup in the last N epochs'),
    })
    .nullable()
    .prefault({}),
  distillation: z
    .strictObject({
      teacher: z.string().min(1).describe('checkpoint or run folder of the teacher'),
      temperature: z
        .number()
        .min(1e-3)
        .max(1000)
        .default(20)
        .describe('what both logits are divided by'),
      form: z
        .enum(['paper', 'convex'])
        .default('paper')
        .describe("the paper's sum or gluon-cv's mix"),
      hardWeight: fraction.default(0.5).describe('weight of the label term in the convex form'),
    })
    .nullable()
    .default(null),
  amp: z
    .strictObject({
      dtype: z
        .enum(lowPrecisions)
        .nullable()
        .default(null)
        .describe('low precision; default: the one that the device does fast'),
      lossScale: z
        .union(
          [
            z.literal('dynamic'),
            z
              .number()
              .positive()
              .max(2 ** 24),
          ],
          {
            error: `expected 'dynamic' or a number > 0 and <= ${2 ** 24}`,
          },
        )
        .nullable()
        .default(null)
        .describe("'dynamic' or a number; default: dynamic for float16, none for bfloat16"),
    })
    .nullable()
    .default(null),
  compile: z.boolean().default(true).describe('run each step as one native graph'),
  evalInterval: positiveInteger.default(1).describe('evaluate every N epochs, and after the last'),
  evalBatchSize: positiveInteger.default(250).describe('images a step of evaluation'),
  checkpointInterval: positiveInteger
    .nullable()
    .default(500)
    .describe('save every N steps, besides every epoch'),
  logInterval: positiveInteger.default(50).describe('print a line every N steps'),
  output: z.string().min(1).default('output/train').describe('folder that holds the run folders'),
  experiment: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('name of the run folder; default: date, model and image size'),
});

/** What the schema says about one setting. */
export interface Setting {
  readonly type: z.ZodType;
  readonly description: string;
}

type Wrapped = z.ZodType & {
  readonly unwrap?: () => Wrapped;
  readonly shape?: Record<string, Wrapped>;
};

/** The type of a setting, seen through its default and its null. */
function unwrap(schema: Wrapped): Wrapped {
  return schema instanceof z.ZodArray || !schema.unwrap ? schema : unwrap(schema.unwrap());
}

/** The settings directly below a mapping, by name; none for a plain value. */
export function settingsBelow(path: readonly PropertyKey[]): Readonly<Record<string, z.ZodType>> {
  const mapping = path.reduce<Wrapped | undefined>(
    (at, key) => at && unwrap(at).shape?.[String(key)],
    configSchema,
  );
  return (mapping && unwrap(mapping).shape) ?? {};
}

/** The setting with a dotted name such as `mixup.alpha`. */
export function settingAt(name: string): Setting {
  const path = name.split('.');
  const schema = settingsBelow(path.slice(0, -1))[path.at(-1)!];
  if (!schema) throw new Error(`settingAt: expected the name of a setting, got '${name}'.`);
  return { type: unwrap(schema), description: schema.description ?? '' };
}

/** A resolved configuration: every field present. */
export type TrainConfig = z.output<typeof configSchema>;

/** What a recipe file or a caller writes: only `dataset`, or `dataDir`, is required. */
export type TrainConfigInput = Omit<Input, 'dataset'> & Partial<Pick<Input, 'dataset'>>;

type Input = z.input<typeof configSchema>;
