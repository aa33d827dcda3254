import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PartialConfig } from '../config/load.ts';

/** One flag: where its value goes in the configuration, and how it reads. */
interface Flag {
  readonly flags: string;
  readonly description: string;
  readonly group: string;
  /** The setting below the configuration's root; `--no-x` flags set the same path. */
  readonly path: readonly string[];
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
  /** What a flag without a value sets. */
  readonly value?: unknown;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`expected a number, got '${text}'.`);
  return value;
}

const numbers = (text: string): number[] => text.split(',').map(number);

const model = 'Model and data:';
const schedule = 'Learning rate:';
const tricks = 'Tricks (each is switched off by its --no- flag):';
const control = 'Run control:';

/** Every flag of `train` that stands for a setting; names are timm's where the meaning is the same. */
const trainFlags: readonly Flag[] = [
  {
    group: model,
    flags: '--model <name>',
    path: ['model'],
    description: 'network, e.g. resnet50d, resnet20d',
  },
  {
    group: model,
    flags: '--dataset <name>',
    path: ['dataset'],
    choices: ['fashion-mnist', 'synthetic'],
    description: 'where the images come from',
  },
  {
    group: model,
    flags: '--limit-samples <n>',
    path: ['limitSamples'],
    parse: number,
    description: 'use only the first n training images',
  },
  {
    group: model,
    flags: '-b, --batch-size <n>',
    path: ['batchSize'],
    parse: number,
    description: 'images a step',
  },
  {
    group: model,
    flags: '--init <name>',
    path: ['init'],
    choices: ['xavier', 'he'],
    description: 'initialisation of conv and dense weights',
  },
  {
    group: model,
    flags: '--crop-padding <pixels>',
    path: ['augment', 'cropPadding'],
    parse: number,
    description: 'zero padding before the random crop',
  },
  {
    group: model,
    flags: '--no-flip',
    path: ['augment', 'flip'],
    value: false,
    description: 'do not mirror images at random',
  },
  {
    group: schedule,
    flags: '--lr-base <rate>',
    path: ['learningRate', 'base'],
    parse: number,
    description: 'learning rate at the base batch size',
  },
  {
    group: schedule,
    flags: '--lr-base-size <n>',
    path: ['learningRate', 'baseBatchSize'],
    parse: number,
    description: 'base batch size of linear scaling',
  },
  {
    group: schedule,
    flags: '--sched <name>',
    path: ['schedule', 'name'],
    choices: ['cosine', 'step', 'polynomial', 'constant'],
    description: 'decay after the warmup',
  },
  {
    group: schedule,
    flags: '--min-lr <rate>',
    path: ['schedule', 'end'],
    parse: number,
    description: 'final learning rate of cosine and polynomial',
  },
  {
    group: schedule,
    flags: '--decay-epochs <list>',
    path: ['schedule', 'boundaries'],
    parse: numbers,
    description: 'epochs at which step decays, e.g. 30,60,90',
  },
  {
    group: schedule,
    flags: '--decay-rate <factor>',
    path: ['schedule', 'factor'],
    parse: number,
    description: 'what step multiplies by',
  },
  {
    group: schedule,
    flags: '--momentum <m>',
    path: ['optimizer', 'momentum'],
    parse: number,
    description: 'Nesterov momentum',
  },
  {
    group: schedule,
    flags: '--weight-decay <wd>',
    path: ['optimizer', 'weightDecay'],
    parse: number,
    description: 'weight decay inside the gradient',
  },
  {
    group: tricks,
    flags: '--linear-scaling',
    path: ['learningRate', 'linearScaling'],
    value: true,
    description: 'scale the learning rate by batch size / base size',
  },
  {
    group: tricks,
    flags: '--no-linear-scaling',
    path: ['learningRate', 'linearScaling'],
    value: false,
    description: 'use --lr-base as it is',
  },
  {
    group: tricks,
    flags: '--warmup-epochs <n>',
    path: ['warmup', 'epochs'],
    parse: number,
    description: 'linear warmup',
  },
  {
    group: tricks,
    flags: '--warmup-form <name>',
    path: ['warmup', 'form'],
    choices: ['paper', 'gluon'],
    description: "the paper's or gluon-cv's warmup",
  },
  {
    group: tricks,
    flags: '--no-warmup',
    path: ['warmup'],
    value: null,
    description: 'start at the full learning rate',
  },
  {
    group: tricks,
    flags: '--no-cosine',
    path: ['schedule', 'name'],
    value: 'step',
    description: "decay by steps, the paper's baseline (same as --sched step)",
  },
  {
    group: tricks,
    flags: '--zero-gamma',
    path: ['zeroGamma'],
    value: true,
    description: 'last BN gamma of each block starts at 0',
  },
  {
    group: tricks,
    flags: '--no-zero-gamma',
    path: ['zeroGamma'],
    value: false,
    description: 'every BN gamma starts at 1',
  },
  {
    group: tricks,
    flags: '--no-bias-decay',
    path: ['optimizer', 'noBiasDecay'],
    value: true,
    description: 'decay conv and dense weights only',
  },
  {
    group: tricks,
    flags: '--bias-decay',
    path: ['optimizer', 'noBiasDecay'],
    value: false,
    description: 'decay every parameter: switches this trick off',
  },
  {
    group: tricks,
    flags: '--label-smoothing <epsilon>',
    path: ['labelSmoothing', 'epsilon'],
    parse: number,
    description: 'smoothing of the labels',
  },
  {
    group: tricks,
    flags: '--label-smoothing-form <name>',
    path: ['labelSmoothing', 'form'],
    choices: ['uniform', 'paper'],
    description: 'eps/K for every class, or eps/(K-1) for the others',
  },
  {
    group: tricks,
    flags: '--no-label-smoothing',
    path: ['labelSmoothing'],
    value: null,
    description: 'train on one-hot labels',
  },
  {
    group: tricks,
    flags: '--mixup-alpha <alpha>',
    path: ['mixup', 'alpha'],
    parse: number,
    description: 'mixup with lambda from Beta(alpha, alpha)',
  },
  {
    group: tricks,
    flags: '--mixup-last-epochs-off <n>',
    path: ['mixup', 'lastEpochsOff'],
    parse: number,
    description: 'no mixup in the last n epochs',
  },
  {
    group: tricks,
    flags: '--no-mixup',
    path: ['mixup'],
    value: null,
    description: 'train on images as they are',
  },
  {
    group: tricks,
    flags: '--teacher <checkpoint>',
    path: ['distillation', 'teacher'],
    description: 'distil from this run folder or checkpoint',
  },
  {
    group: tricks,
    flags: '--temperature <t>',
    path: ['distillation', 'temperature'],
    parse: number,
    description: 'temperature of distillation',
  },
  {
    group: tricks,
    flags: '--distill-form <name>',
    path: ['distillation', 'form'],
    choices: ['paper', 'convex'],
    description: "the paper's sum or gluon-cv's convex mix",
  },
  {
    group: tricks,
    flags: '--hard-weight <w>',
    path: ['distillation', 'hardWeight'],
    parse: number,
    description: 'weight of the label term in the convex form',
  },
  {
    group: tricks,
    flags: '--no-teacher',
    path: ['distillation'],
    value: null,
    description: 'train without a teacher',
  },
  {
    group: control,
    flags: '--epochs <n>',
    path: ['epochs'],
    parse: number,
    description: 'length of the run',
  },
  {
    group: control,
    flags: '--steps-per-epoch <n>',
    path: ['stepsPerEpoch'],
    parse: number,
    description: 'end each epoch after n steps',
  },
  {
    group: control,
    flags: '--seed <n>',
    path: ['seed'],
    parse: number,
    description: 'seed of every random draw',
  },
  {
    group: control,
    flags: '--output <folder>',
    path: ['output'],
    description: 'folder of the run folders',
  },
  {
    group: control,
    flags: '--experiment <name>',
    path: ['experiment'],
    description: 'name of the run folder',
  },
  {
    group: control,
    flags: '--val-interval <n>',
    path: ['evalInterval'],
    parse: number,
    description: 'evaluate every n epochs',
  },
  {
    group: control,
    flags: '--val-batch-size <n>',
    path: ['evalBatchSize'],
    parse: number,
    description: 'images a step of evaluation',
  },
  {
    group: control,
    flags: '--checkpoint-interval <steps>',
    path: ['checkpointInterval'],
    parse: number,
    description: 'save every n steps, besides every epoch',
  },
  {
    group: control,
    flags: '--log-interval <steps>',
    path: ['logInterval'],
    parse: number,
    description: 'print a line every n steps',
  },
];

/** The configuration that sets `path` to `value` and nothing else. */
export function nest(path: readonly string[], value: unknown): PartialConfig {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as PartialConfig;
}

/**
 * Add the configuration flags to a command; `onSetting` gets each one given, in the order of the command line.
 * (commander's own option values are not used: `--no-bias-decay` is the name of a trick, not the negation of one.)
 */
export function addConfigFlags(
  command: Command,
  onSetting: (setting: PartialConfig) => void,
): void {
  for (const { flags, description, group, path, parse, choices, value } of trainFlags) {
    const option = new Option(flags, description).helpGroup(group);
    if (choices) option.choices([...choices]);
    if (parse) option.argParser(parse);
    command.addOption(option);
    command.on(`option:${option.name()}`, (text: string) => {
      onSetting(nest(path, value === undefined ? (parse?.(text) ?? text) : value));
    });
  }
}
