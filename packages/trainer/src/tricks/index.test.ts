import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { flagTable } from '../cli/flag-table.ts';
import { addConfigFlags } from '../cli/flags.ts';
import { formatConfig, mergeConfig, type PartialConfig } from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import { builtIn, type TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { tricks } from './index.ts';

type Name = keyof typeof tricks;

interface Switches {
  /** Flags that switch it on, and the settings that they make. */
  readonly on: readonly string[];
  readonly settings: object;
  readonly off: string;
  /** Settings that are refused, and what the message says. */
  readonly bad: readonly (readonly [settings: object, message: string])[];
}

const outside = (name: string, path: string, value: unknown, message: string) =>
  [{ [path]: value }, `${name}.${path}: ${message}`] as const;

/** A new trick has a line here, or this does not compile. */
const switches: Readonly<Record<Exclude<Name, 'schedule'>, Switches>> = {
  linearScaling: {
    ...{ on: ['--lr-base-size', '128'], settings: { baseBatchSize: 128 } },
    off: '--no-linear-scaling',
    bad: [outside('linearScaling', 'baseBatchSize', 0, 'expected a value >= 1, got 0')],
  },
  gradientAccumulation: {
    ...{ on: ['--grad-accum-steps', '4'], settings: { steps: 4 } },
    off: '--no-grad-accum',
    bad: [
      outside('gradientAccumulation', 'steps', 3, 'expected a divisor of batchSize (256), got 3'),
      outside('gradientAccumulation', 'steps', 0, 'expected a value >= 1, got 0'),
    ],
  },
  dataParallel: {
    on: ['--wire', 'bfloat16', '--sync-bn'],
    settings: { wire: 'bfloat16', syncBatchNorm: true },
    off: '--no-data-parallel',
    bad: [
      outside('dataParallel', 'wire', 'int8', 'expected one of float32, bfloat16, float16, got'),
    ],
  },
  warmup: {
    on: ['--warmup-epochs', '3', '--warmup-form', 'gluon'],
    settings: { epochs: 3, form: 'gluon' },
    off: '--no-warmup',
    bad: [
      outside('warmup', 'epochs', 120, 'expected less than epochs (120), got 120'),
      outside('warmup', 'form', 'glon', `expected one of paper, gluon, got "glon". Did you mean`),
    ],
  },
  zeroGamma: { on: ['--zero-gamma'], settings: {}, off: '--no-zero-gamma', bad: [] },
  noBiasDecay: { on: ['--no-bias-decay'], settings: {}, off: '--bias-decay', bad: [] },
  amp: {
    on: ['--amp-dtype', 'float16', '--loss-scale', '512'],
    settings: { dtype: 'float16', lossScale: 512, native: null },
    off: '--no-amp',
    bad: [
      outside('amp', 'dtype', 'fp16', 'expected one of float16, bfloat16, got "fp16"'),
      outside('amp', 'native', 'slow', 'expected one of fast, emulated, got "slow"'),
      outside('amp', 'lossScale', -1, 'expected a value > 0, got -1'),
    ],
  },
  labelSmoothing: {
    on: ['--label-smoothing', '0.2', '--label-smoothing-form', 'paper'],
    settings: { epsilon: 0.2, form: 'paper' },
    off: '--no-label-smoothing',
    bad: [outside('labelSmoothing', 'epsilon', 1, 'expected a value < 1, got 1')],
  },
  distillation: {
    ...{ on: ['--teacher', 'runs/t', '--temperature', '4', '--distill-form', 'convex'] },
    settings: { teacher: 'runs/t', temperature: 4, form: 'convex', hardWeight: 0.5 },
    off: '--no-teacher',
    bad: [
      [{}, 'distillation.teacher: expected string, got nothing'],
      [{ teacher: 't', hardWeight: 2 }, 'distillation.hardWeight: expected a value <= 1, got 2'],
    ],
  },
  mixup: {
    on: ['--mixup-alpha', '0.4', '--mixup-last-epochs-off', '2'],
    settings: { alpha: 0.4, lastEpochsOff: 2 },
    off: '--no-mixup',
    bad: [outside('mixup', 'lastEpochsOff', 121, 'expected at most epochs (120), got 121')],
  },
  cutmix: {
    on: ['--cutmix-alpha', '0.5', '--cutmix-share', '0.25'],
    settings: { alpha: 0.5, share: 0.25 },
    off: '--no-cutmix',
    bad: [outside('cutmix', 'share', 1.5, 'expected a value <= 1, got 1.5')],
  },
  randAugment: {
    on: ['--rand-augment', '--rand-augment-magnitude', '5'],
    settings: { count: 2, magnitude: 5 },
    off: '--no-rand-augment',
    bad: [outside('randAugment', 'magnitude', 31, 'expected a value <= 30, got 31')],
  },
  trivialAugment: { on: ['--trivial-augment'], settings: {}, off: '--no-trivial-augment', bad: [] },
  randomErasing: {
    ...{ on: ['--random-erasing', '0.5'], settings: { probability: 0.5 } },
    off: '--no-random-erasing',
    bad: [outside('randomErasing', 'probability', -1, 'expected a value >= 0, got -1')],
  },
  progressiveResizing: {
    on: ['--progressive-resizing', '128'],
    settings: { from: 128, delayFraction: 0.5, finetuneFraction: 0.2, sizeIncrement: 32 },
    off: '--no-progressive-resizing',
    bad: [
      [{}, 'progressiveResizing.from: expected number, got nothing'],
      [
        { from: 8, delayFraction: 0.9, finetuneFraction: 0.2 },
        'progressiveResizing: expected delayFraction and finetuneFraction of together at most 1, got 0.9 and 0.2',
      ],
    ],
  },
  stochasticDepth: {
    ...{ on: ['--stochastic-depth', '0.2'], settings: { rate: 0.2 } },
    off: '--no-stochastic-depth',
    bad: [outside('stochasticDepth', 'rate', 1, 'expected a value < 1, got 1')],
  },
  fineTuning: {
    on: ['--freeze', 'stem, layer1.*.bn1', '--head-lr-factor', '10', '--layer-decay', '0.7'],
    settings: { freeze: ['stem', 'layer1.*.bn1'], headFactor: 10, layerDecay: 0.7 },
    off: '--no-fine-tuning',
    bad: [
      outside('fineTuning', 'headFactor', 0, 'expected a value > 0, got 0'),
      outside('fineTuning', 'layerDecay', 1.5, 'expected a value <= 1, got 1.5'),
    ],
  },
  gradientClipping: {
    ...{ on: ['--clip-grad', '2'], settings: { maxNorm: 2 } },
    off: '--no-clip-grad',
    bad: [outside('gradientClipping', 'maxNorm', 0, 'expected a value > 0, got 0')],
  },
  ema: {
    on: ['--ema-decay', '0.99', '--no-ema-warmup'],
    settings: { decay: 0.99, warmup: false },
    off: '--no-ema',
    bad: [outside('ema', 'decay', 1, 'expected a value < 1, got 1')],
  },
};

/** The configuration that flags make, as `train` reads them. */
function configOf(...flags: readonly string[]): TrainConfig {
  const settings: PartialConfig[] = [{ dataset: 'synthetic' }];
  const command = new Command().exitOverride();
  addConfigFlags(command, { table: flagTable(builtIn), known: builtIn }, (setting) =>
    settings.push(setting),
  );
  command.parse(flags, { from: 'user' });
  return parseConfig(settings.reduce(mergeConfig));
}

test('each trick stands in the list under its own name', () => {
  expect(Object.keys(tricks)).toEqual(
    Object.values(tricks).map(({ definition: { name } }) => name),
  );
});

test('each trick and each of its settings is described', () => {
  for (const { name, description, settings } of builtIn) {
    expect(description, name).toMatch(/\w/);
    for (const [key, setting] of Object.entries(settings)) {
      expect((setting as { description?: string }).description, `${name}.${key}`).toMatch(/\w/);
    }
  }
});

describe.each(Object.entries(switches))('%s', (name, { on, settings, off, bad }) => {
  const key = name as keyof typeof switches;
  const { definition } = tricks[key];

  test('is on by its flags, with the settings that they give, and off by one', () => {
    expect(configOf(...on)[key]).toEqual(settings);
    expect(configOf(off)[key]).toBeNull();
    expect(configOf(...on, off)[key]).toBeNull();
    expect(configOf(off, ...on)[key]).toEqual(settings);
  });

  test('is on and off by a recipe, which a run folder keeps', () => {
    const recipe = (value: unknown) => parseConfig({ dataset: 'synthetic', [key]: value });
    for (const value of [settings, null]) {
      const config = recipe(value);
      expect(config[key]).toEqual(value);
      expect(parseConfig(parse(formatConfig(config)))).toEqual(config);
    }
    expect(recipe(false)[key]).toBeNull();
    expect(parseConfig({ dataset: 'synthetic' })[key] !== null).toBe(definition.on ?? false);
  });

  test('has its settings checked', () => {
    const parsed = (value: object) => () => parseConfig({ dataset: 'synthetic', [key]: value });
    const cases = [
      ...bad,
      [{ ...settings, nonsense: 1 }, `unknown key '${name}.nonsense'`],
    ] as const;
    for (const [value, message] of cases) {
      expect(parsed(value), message).toThrow(ConfigError);
      expect(parsed(value)).toThrow(message);
    }
  });

  test('takes the same settings in code', () => {
    const trick = tricks[key] as (settings: object) => { readonly settings: object };
    expect(trick(settings).settings).toEqual(settings);
    expect(() => trick({ ...settings, nonsense: 1 })).toThrow(TypeError);
    expect(() => trick({ ...settings, nonsense: 1 })).toThrow(name);
  });
});

test('the schedule is cosine, the steps of the baseline, or none', () => {
  expect(configOf().schedule).toMatchObject({ name: 'cosine' });
  const steps = configOf('--no-cosine', '--decay-epochs', '10,20', '--decay-rate', '0.5');
  expect(steps.schedule).toMatchObject({ name: 'step', boundaries: [10, 20], factor: 0.5 });
  expect(configOf('--no-cosine', '--cosine', '--min-lr', '1e-5').schedule).toMatchObject({
    ...{ name: 'cosine', end: 1e-5 },
  });
  expect(configOf('--sched', 'polynomial').schedule).toMatchObject({ name: 'polynomial' });
  expect(parseConfig({ dataset: 'synthetic', schedule: false }).schedule).toBeNull();
});
