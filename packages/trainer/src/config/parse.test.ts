import { expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { parseConfig } from './parse.ts';

const minimal = { dataset: 'synthetic' };

test("the defaults are the paper's full recipe for ResNet-50-D", () => {
  expect(parseConfig(minimal)).toMatchObject({
    model: 'resnet50d',
    epochs: 120,
    batchSize: 256,
    init: 'xavier',
    learningRate: { base: 0.1 },
    linearScaling: { baseBatchSize: 256 },
    schedule: { name: 'cosine', end: 0 },
    warmup: { epochs: null, form: 'paper' },
    optimizer: { momentum: 0.9, weightDecay: 1e-4 },
    noBiasDecay: {},
    zeroGamma: {},
    labelSmoothing: { epsilon: 0.1 },
    mixup: { alpha: 0.2 },
    distillation: null,
    loss: 'cross-entropy',
    gradientAccumulation: null,
    amp: null,
    cutmix: null,
    randAugment: null,
    trivialAugment: null,
    randomErasing: null,
    progressiveResizing: null,
    stochasticDepth: null,
    gradientClipping: null,
    ema: null,
  });
});

test('null or false switches a trick off; an empty mapping or true switches it on with its defaults', () => {
  expect(parseConfig({ ...minimal, mixup: null }).mixup).toBeNull();
  expect(parseConfig({ ...minimal, mixup: false }).mixup).toBeNull();
  for (const mixup of [{}, true]) {
    expect(parseConfig({ ...minimal, mixup }).mixup).toEqual({ alpha: 0.2, lastEpochsOff: 0 });
  }
});

test('a folder of images alone means the dataset folder', () => {
  expect(parseConfig({ dataDir: 'images' }).dataset).toBe('folder');
  expect(parseConfig({ dataDir: 'images', dataset: 'tar' }).dataset).toBe('tar');
});

test('a resolved configuration resolves to itself', () => {
  const config = parseConfig({
    ...minimal,
    warmup: null,
    zeroGamma: false,
    distillation: { teacher: 'runs/t' },
  });
  expect(parseConfig(config)).toEqual(config);
});

test.each([
  [{ ...minimal, mixupp: {} }, "unknown key 'mixupp'. Did you mean 'mixup'?"],
  [{ ...minimal, mixup: { alhpa: 0.4 } }, "unknown key 'mixup.alhpa'. Did you mean 'alpha'?"],
  [{ ...minimal, alpha: 0.4 }, "unknown key 'alpha'."],
  [{ dataset: 'fashion-mnst' }, 'got "fashion-mnst". Did you mean \'fashion-mnist\'?'],
  [{ ...minimal, batchSize: 0 }, 'batchSize: expected a value >= 2, got 0'],
  [{ ...minimal, batchSize: 2.5 }, 'batchSize: expected int, got 2.5'],
  [{ ...minimal, epochs: '3' }, 'epochs: expected number, got "3"'],
  [{ ...minimal, epochs: Number.NaN }, 'epochs: expected number'],
  [
    { ...minimal, labelSmoothing: { epsilon: 1 } },
    'labelSmoothing.epsilon: expected a value < 1, got 1',
  ],
  [{}, 'dataset: expected images, got nothing. Give --data-dir <folder> or --config <recipe>'],
  [{ dataset: 7 }, 'parquet, cifar10, cifar100, fashion-mnist, synthetic, got 7'],
  [{ ...minimal, experiment: '' }, 'experiment: expected some text, got ""'],
  [{ ...minimal, experiment: 'x/y' }, 'experiment: expected the name of a folder in --output'],
  [{ ...minimal, experiment: '..' }, 'without / and \\, and neither . nor .., got ".."'],
  [{ ...minimal, mixup: { alpha: 0 } }, 'mixup.alpha: expected a value > 0, got 0'],
  [{ ...minimal, model: 'resnt50d' }, "got 'resnt50d'. Did you mean 'resnet50d'?"],
  [
    { ...minimal, epochs: 5, warmup: { epochs: 5 } },
    'warmup.epochs: expected less than epochs (5), got 5',
  ],
  [
    { ...minimal, schedule: { boundaries: [60, 30] } },
    'schedule.boundaries: expected increasing epochs',
  ],
  [
    { ...minimal, schedule: { name: 'step', boundaries: [4] } },
    'expected epochs after the warmup (5)',
  ],
  [
    { dataset: 'folder' },
    'dataDir: expected the folder of the images for dataset folder, got null',
  ],
  [
    { ...minimal, dataDir: 'images' },
    'dataDir: expected nothing for dataset synthetic, which is not in files, got "images"',
  ],
  [
    { ...minimal, classMap: 'map.txt' },
    'classMap: expected nothing for dataset synthetic, whose classes are fixed, got "map.txt"',
  ],
  [
    { dataset: 'fashion-mnist', augment: { colorJitter: 0.4 } },
    'augment.colorJitter: expected nothing for dataset fashion-mnist, whose images are grey, got 0.4',
  ],
  [{ ...minimal, synthetic: { channels: 2 } }, 'synthetic.channels: expected 1 (grey) or 3 (RGB)'],
  [
    { dataDir: 'images', input: { imageSize: 256, evalResize: 224 } },
    'input.evalResize: expected at least imageSize (256), got 224',
  ],
  [
    { dataDir: 'images', input: { evalResize: 128 } },
    'input.evalResize: expected at least imageSize (224), got 128',
  ],
  [
    { dataDir: 'images', augment: { cropPadding: 2 } },
    'augment.cropPadding: expected nothing for crop random-resized',
  ],
  [
    { dataset: 'fashion-mnist', input: { mean: [1, 2, 3] } },
    'input.mean: expected as many numbers as the images of dataset fashion-mnist have channels (1)',
  ],
  [{ dataDir: 'images', input: { std: [1] } }, 'have channels (3), got [1]'],
  [
    { dataset: 'cifar10', dataDir: 'images', classMap: 'map.txt' },
    'classMap: expected nothing for dataset cifar10, whose classes are fixed, got "map.txt"',
  ],
  [{ dataDir: 'images', input: { mean: [1, 2] } }, 'input.mean: expected three numbers'],
  [{ dataDir: 'images', input: { std: [1, 2, 0] } }, 'input.std: expected values > 0'],
  [{ dataDir: 'images', input: { badImages: 'ignore' } }, 'expected one of fail, skip'],
  [null, 'configuration: expected object, got null'],
  [
    { dataset: 'synthetic', mixup: 0.4 },
    'mixup: expected true, false or a mapping of settings (alpha, lastEpochsOff), got 0.4',
  ],
  [
    { dataset: 'synthetic', distillation: { temperature: 3 } },
    'distillation.teacher: expected string, got nothing. Give --teacher <checkpoint>',
  ],
])('%j is refused with what was expected', (input, message) => {
  expect(() => parseConfig(input)).toThrow(ConfigError);
  expect(() => parseConfig(input)).toThrow(message);
});

test('several problems are reported together', () => {
  expect(() => parseConfig({ ...minimal, batchSize: 0, epochs: 0 })).toThrow(
    /batchSize.*\n.*epochs|epochs.*\n.*batchSize/,
  );
});
