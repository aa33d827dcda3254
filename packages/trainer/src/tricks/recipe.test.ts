import { defineTrick } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { builtIn, type TrainConfigInput, tricksOf } from '../config/schema.ts';
import { buildNetwork, buildSchedule } from './recipe.ts';

/** ImageNet at batch size 1024: 1,281,167 images make 1,251 full batches. */
const stepsPerEpoch = 1251;
const schedule = (input: Omit<TrainConfigInput, 'dataset'>) => {
  const config = parseConfig({ dataset: 'synthetic', batchSize: 1024, ...input });
  return buildSchedule(config, tricksOf(config, builtIn), { stepsPerEpoch });
};

test("the paper's curve at batch 1024: linear to 0.4 at batch 6255, then cosine to 0", () => {
  const rate = schedule({ epochs: 120 });
  expect(rate(0)).toBeCloseTo(0.4 / 6255, 12);
  expect(rate(6254)).toBe(0.4);
  expect(rate(6255)).toBe(0.4);
  const decaySteps = 150_120 - 6255;
  expect(rate(6255 + Math.floor(decaySteps / 2))).toBeCloseTo(0.2, 5);
  expect(rate(150_120)).toBe(0);
  expect(rate(150_119)).toBeGreaterThan(0);
});

test('step decay divides by ten at epochs counted from the start of training, warmup included', () => {
  const rate = schedule({ schedule: { name: 'step' } });
  for (const [epoch, before, after] of [
    [30, 0.4, 0.04],
    [60, 0.04, 0.004],
    [90, 0.004, 0.0004],
  ] as const) {
    expect(rate(epoch * stepsPerEpoch - 1)).toBeCloseTo(before, 12);
    expect(rate(epoch * stepsPerEpoch)).toBeCloseTo(after, 12);
  }
});

test('each switched-off trick leaves the curve without it', () => {
  expect(schedule({ linearScaling: false })(6254)).toBe(0.1);
  expect(schedule({ warmup: null })(0)).toBe(0.4);
  expect(schedule({ schedule: null })(150_000)).toBe(0.4);
  const constant = schedule({ schedule: { name: 'constant' }, warmup: null });
  expect([constant(0), constant(10 ** 6)]).toEqual([0.4, 0.4]);
});

test.each([[1], [2], [3]])(
  'a run of %i steps leaves one that the warmup does not take',
  (steps) => {
    const config = parseConfig({ dataset: 'synthetic', epochs: 1, batchSize: 256 });
    const rate = buildSchedule(config, tricksOf(config, builtIn), { stepsPerEpoch: steps });
    const rates = Array.from({ length: steps }, (_, step) => rate(step));
    expect(rates.every((one) => one > 0 && one <= 0.1)).toBe(true);
    expect(Math.max(...rates)).toBe(0.1);
  },
);

test('polynomial decay ends at its end', () => {
  const rate = schedule({ schedule: { name: 'polynomial', power: 1, end: 0.001 }, warmup: null });
  expect(rate(120 * stepsPerEpoch)).toBeCloseTo(0.001, 12);
  expect(rate(60 * stepsPerEpoch)).toBeCloseTo((0.4 + 0.001) / 2, 12);
});

test('a warmup that nothing sets takes five epochs, or half of a run of five or fewer', () => {
  for (const [epochs, length] of [
    [120, 5],
    [6, 5],
    [5, 2.5],
    [2, 1],
    [1, 0.5],
  ] as const) {
    const rate = schedule({ epochs });
    const steps = Math.round(length * stepsPerEpoch);
    expect(rate(steps - 1)).toBe(0.4);
    expect(rate(steps - 2)).toBeLessThan(0.4);
  }
});

test.each([
  ['resnet20d', 'layer1.0.bn2.weight'],
  ['mobilenetv2_035', 'blocks.1.1.bn3.weight'],
])('gammas of %s start at 0 only where zero gamma is on', async (model, gamma) => {
  await tf.setBackend('cpu');
  const first = [false, true].map((zeroGamma) => {
    const config = parseConfig({ dataset: 'synthetic', model, zeroGamma });
    const shape = { numClasses: 4, inputChannels: 3 };
    const network = buildNetwork(config, { known: builtIn, on: tricksOf(config, builtIn) }, shape);
    const [value] = network.parameters[gamma]!.dataSync();
    network.dispose();
    return value;
  });
  expect(first).toEqual([1, 0]);
});

test('what stands for a trick that is off is heard from tricks of others too', async () => {
  await tf.setBackend('cpu');
  const theirs = defineTrick({
    name: 'calmStart',
    description: 'begins as the identity where it is off',
    settings: {},
    networkWithout: { zeroGamma: true },
    build: () => ({}),
  });
  const known = [...builtIn, theirs.definition];
  const off = { dataset: 'synthetic', model: 'resnet20d', zeroGamma: false };
  const config = parseConfig(off, { known });
  const network = buildNetwork(config, { known, on: [] }, { numClasses: 4, inputChannels: 3 });
  const [value] = network.parameters['layer1.0.bn2.weight']!.dataSync();
  network.dispose();
  expect(value).toBe(0);
});
