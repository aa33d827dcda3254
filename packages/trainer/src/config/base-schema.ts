import { batchSettings, dataFormatNames, formatSettings } from '@bag-of-tricks/image-data';
import { z } from 'zod';
import { nativeBackend } from '../backend.ts';

/** The images, the loss or the optimiser that `fit` was given. */
export const ownPart = 'own';

/** A setting that is null until it is given; its description says what holds then. */
const unset = <Type extends z.ZodType>(type: Type, description: string) =>
  z
    .nullable(type)
    .default(null as never)
    .describe(description);

const positiveInteger = z.int().min(1);

/** Every setting of a run that belongs to no trick. */
export const baseSettings = {
  model: z
    .string()
    .default('resnet50d')
    .describe('network, as timm names it: resnet50d, resnet20d'),
  pretrained: unset(
    z.string().min(1),
    'weights to start from: a .safetensors file, a folder, a run of ours, or hf:owner/name',
  ),
  linearProbe: z
    .boolean()
    .default(false)
    .describe('train the last layer alone, on features that are computed once'),
  dataset: z
    .enum([...dataFormatNames, ownPart])
    .describe('where the images come from; --data-dir alone means folder'),
  ...formatSettings,
  limitSamples: unset(positiveInteger, 'use only N training images, drawn by the seed'),
  ...batchSettings,
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(42)
    .describe('seed of every random draw'),
  epochs: positiveInteger.default(120).describe('length of the run'),
  stepsPerEpoch: unset(positiveInteger, 'end each epoch after N steps'),
  batchSize: z.int().min(2).max(65536).default(256).describe('images a step'),
  init: z.enum(['xavier', 'he']).default('xavier').describe('initial conv and dense weights'),
  learningRate: z
    .strictObject({
      base: z.number().positive().max(100).default(0.1).describe('learning rate before any trick'),
    })
    .prefault({}),
  optimizer: z
    .strictObject({
      name: z
        .enum(['sgd', 'adamw', ownPart])
        .default('sgd')
        .describe("sgd is Nesterov, the paper's; own is what fit was given"),
      momentum: z.number().min(0).lt(1).default(0.9).describe('Nesterov momentum of sgd'),
      beta1: z.number().min(0).lt(1).default(0.9).describe('decay of the first moment of adamw'),
      beta2: z.number().min(0).lt(1).default(0.999).describe('decay of the second moment of adamw'),
      epsilon: z.number().positive().default(1e-8).describe('added to the root of adamw'),
      weightDecay: z
        .number()
        .min(0)
        .max(1)
        .default(1e-4)
        .describe('weight decay; of sgd inside the gradient, of adamw decoupled'),
    })
    .prefault({}),
  loss: z
    .enum(['cross-entropy', 'bce', ownPart])
    .default('cross-entropy')
    .describe('bce is the binary cross-entropy of ResNet strikes back; own is what fit was given'),
  backend: z
    .string()
    .min(1)
    .default(nativeBackend)
    .describe(
      "what computes: tensorflow, its library; cpu or wasm, TensorFlow.js's own, op by op and much slower; or one that is registered",
    ),
  compile: z
    .boolean()
    .default(true)
    .describe('run each step as one native graph; always off on other backends than tensorflow'),
  evalInterval: positiveInteger.default(1).describe('evaluate every N epochs, and after the last'),
  patience: unset(
    positiveInteger,
    'end the run after N evaluations in a row without a better one; default: never',
  ),
  evalBatchSize: positiveInteger.default(250).describe('images a step of evaluation'),
  checkpointInterval: positiveInteger
    .nullable()
    .default(500)
    .describe('save every N steps, besides every epoch'),
  checkpointHist: positiveInteger
    .default(1)
    .describe('keep the N best checkpoints, besides the last two'),
  logInterval: positiveInteger
    .default(50)
    .describe('print a line every N steps, and where ten seconds passed without one'),
  output: z.string().min(1).default('output/train').describe('folder that holds the run folders'),
  experiment: unset(
    z
      .string()
      .min(1)
      .refine((name) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..', {
        message:
          'expected the name of a folder in --output, without / and \\, and neither . nor ..',
      }),
    'name of the run folder; default: date, model and image size',
  ),
};

const baseSchema = z.strictObject(baseSettings);

/** The settings that belong to no trick, resolved. */
export type BaseConfig = z.output<typeof baseSchema>;

/** The same as a recipe gives them; only `dataset`, or `dataDir`, is required. */
export type BaseConfigInput = Omit<BaseInput, 'dataset'> & Partial<Pick<BaseInput, 'dataset'>>;

type BaseInput = z.input<typeof baseSchema>;
