import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Choices, type Circumstances, chooseSettings } from './choose-settings.ts';
import { loadRecipe } from './load.ts';
import { parseConfig } from './parse.ts';

const laptop = { cores: 2, memory: 16e9, gpuMemory: null, cacheBytes: 0.6e9 };
const photographs = {
  evalImages: 10_000,
  classes: 3,
  shorterSide: 480,
  pretrained: false,
  linearProbe: false,
};

const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  trainImages: fc.oneof(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 2, max: 2_000_000 })),
  evalImages: fc.integer({ min: 1, max: 50_000 }),
  classes: fc.integer({ min: 2, max: 1000 }),
  shorterSide: fc.integer({ min: 1, max: 6000 }),
  cores: fc.integer({ min: 1, max: 128 }),
  memory: fc.double({ min: 4e9, max: 1e12, noNaN: true }),
  gpuMemory: fc.option(fc.double({ min: 4e9, max: 1e11, noNaN: true })),
  cacheBytes: fc.integer({ min: 0, max: 2 ** 30 }),
  pretrained: fc.boolean(),
  linearProbe: fc.boolean(),
});

const choices: fc.Arbitrary<Partial<Choices>> = fc.record(
  {
    model: fc.constantFrom('resnet18', 'resnet50d', 'mobilenetv2_100'),
    imageSize: fc.integer({ min: 32, max: 512 }),
    batchSize: fc.integer({ min: 2, max: 512 }),
    epochs: fc.integer({ min: 1, max: 300 }),
    evalBatchSize: fc.integer({ min: 1, max: 500 }),
  },
  { requiredKeys: [] },
);

test('whatever the images and the machine, the configuration is valid, an epoch has a step and the memory holds it', () => {
  fc.assert(
    fc.property(circumstances, (at) => {
      const { imageSize, memoryEstimate, secondsEstimate, reasons, ...chosen } = chooseSettings(at);
      parseConfig({ dataDir: 'photos', ...chosen, input: { imageSize } });
      expect(chosen.batchSize).toBeLessThanOrEqual(at.trainImages);
      // Of a probe the features fit or not, whatever is chosen.
      if (!at.linearProbe) expect(memoryEstimate).toBeLessThanOrEqual(at.gpuMemory ?? at.memory);
      expect(secondsEstimate === null).toBe(at.gpuMemory !== null);
    }),
  );
});

test('what a network takes is its own, whatever its name', () => {
  const of = (model: string) =>
    chooseSettings(
      { ...photographs, ...laptop, trainImages: 9000, pretrained: true },
      { model, imageSize: 224, batchSize: 100, epochs: 1, evalBatchSize: 1 },
    );
  const [d, wide, lite] = ['resnet50d', 'wide_resnet101_2', 'tf_efficientnet_lite0'].map(of);
  expect(wide!.secondsEstimate! / d!.secondsEstimate!).toBeCloseTo(22.8 / 4.33, 1);
  expect(wide!.memoryEstimate - d!.memoryEstimate).toBe(100 * 10 * (21_225_448 - 11_917_800));
  expect(lite!.secondsEstimate! / d!.secondsEstimate!).toBeCloseTo((3 * 0.385) / 4.33, 2);
});

test('two processes take half the time of one with the same cores, and leave as many steps in an epoch', () => {
  const at = { ...photographs, ...laptop, trainImages: 720 };
  const [alone, together] = [1, 2].map((processes) => chooseSettings({ ...at, processes }));
  const given = { model: 'resnet18d', imageSize: 160, batchSize: 16, epochs: 60 };
  const [slow, fast] = [1, 2].map((processes) => chooseSettings({ ...at, processes }, given));
  expect(fast!.secondsEstimate).toBeCloseTo(slow!.secondsEstimate! / 2, 6);
  expect([alone!.batchSize, together!.batchSize]).toEqual([32, 16]);
  expect(together!.imageSize).toBeGreaterThan(alone!.imageSize);
});

test('what is given stays', () => {
  fc.assert(
    fc.property(circumstances, choices, (at, given) => {
      expect(chooseSettings(at, given)).toMatchObject(given);
    }),
  );
});

test("1.3 million images get the paper's recipe, on a small machine in smaller batches", () => {
  const imagenet = { ...photographs, trainImages: 1_281_167, classes: 1000, shorterSide: 375 };
  const paper = loadRecipe('resnet50d-bag-of-tricks');
  const { model, imageSize, batchSize, epochs } = chooseSettings({
    ...{ ...imagenet, cores: 96, memory: 768e9, gpuMemory: 320e9, cacheBytes: 0 },
  });
  expect({ model, batchSize, epochs }).toEqual({
    ...{ model: paper.model, batchSize: paper.batchSize, epochs: paper.epochs },
  });
  expect(imageSize).toBe(224);
  expect(chooseSettings({ ...imagenet, ...laptop })).toMatchObject({
    ...{ model: 'resnet50d', imageSize: 224, batchSize: 64, epochs: 200 },
    reasons: ["the paper's recipe", 'a batch that fits the memory'],
  });
});

test.each([
  ['three images', { trainImages: 3 }, { batchSize: 2, model: 'resnet18d' }],
  ['900 photographs', { trainImages: 720 }, { batchSize: 32, imageSize: 160, epochs: 60 }],
  [
    '900 and a GPU',
    { trainImages: 720, gpuMemory: 24e9 },
    { imageSize: 224, secondsEstimate: null },
  ],
  ['900 and weights', { trainImages: 720, pretrained: true }, { epochs: 12, batchSize: 32 }],
  [
    'few images and weights',
    { trainImages: 40, pretrained: true },
    {
      epochs: 50,
      batchSize: 8,
      reasons: expect.arrayContaining([expect.stringContaining('50 epochs, for 248 steps')]),
    },
  ],
  [
    '2,000 and weights',
    { trainImages: 2000, pretrained: true, cores: 4 },
    { epochs: 4, batchSize: 32 },
  ],
  [
    'a linear probe',
    { trainImages: 720, pretrained: true, linearProbe: true },
    { epochs: 10, batchSize: 32, imageSize: 224, stepsPerEpoch: 100 },
  ],
  [
    'a linear probe where training does not fit',
    { trainImages: 72_000, memory: 5e9, pretrained: true, linearProbe: true },
    {
      batchSize: 256,
      evalBatchSize: 250,
      memoryEstimate: 1.5e9 + 0.6e9 + 82_000 * 8192 + 64 * 10e6,
    },
  ],
  [
    'a small GPU in a large machine',
    { trainImages: 72_000, pretrained: true, gpuMemory: 6e9, memory: 512e9 },
    { batchSize: 32, evalBatchSize: 250, memoryEstimate: 0.5e9 + 32 * (10 * 11_917_800 + 10e6) },
  ],
  [
    'an evaluation that would take more than a step',
    { trainImages: 100, memory: 4e9 },
    { batchSize: 8, evalBatchSize: 110 },
  ],
  [
    'an evaluation of few images',
    { trainImages: 100, evalImages: 40 },
    { evalBatchSize: 250, memoryEstimate: 1.5e9 + 0.6e9 + 40 * 10e6 },
  ],
  [
    'a cache that leaves less',
    { trainImages: 72_000, pretrained: true, memory: 8e9, cacheBytes: 1e9 },
    { batchSize: 16, reasons: expect.arrayContaining(['a batch that fits the memory']) },
  ],
  ['thumbnails', { trainImages: 40_000, shorterSide: 32 }, { model: 'resnet20d', imageSize: 32 }],
  ['too little memory', { trainImages: 720, memory: 1.9e9 }, { imageSize: 96, batchSize: 2 }],
])('%s: what suits them', (_, at, expected) => {
  const chosen = chooseSettings({ ...photographs, ...laptop, ...at });
  expect(chosen).toMatchObject(expected);
});

test.each([
  { trainImages: 1, classes: 2 },
  { trainImages: 9, classes: 1 },
])('%j is an error that says what there is', ({ trainImages, classes }) => {
  expect(() => chooseSettings({ ...photographs, ...laptop, trainImages, classes })).toThrow(
    `chooseSettings: expected at least 2 training images and 2 classes, got ${trainImages} and ${classes}`,
  );
});
