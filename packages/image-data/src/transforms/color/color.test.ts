import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { difference, fixture, seeded } from '../../../test/support/pictures.ts';
import { colorJitter } from './color-jitter.ts';
import { drawColorJitter, drawPcaNoise } from './draw-color.ts';
import { pcaNoise } from './pca-noise.ts';

type Nested = number[][][][];
const reference = fixture<
  Record<'images' | 'brightness' | 'contrast' | 'saturation' | 'hue' | 'lighting', Nested> &
    Record<'factors' | 'turns', number[]> & { alphas: number[][] }
>('color.json');
const images = () => tf.tensor4d(reference.images);
const flat = (values: Nested) =>
  Float32Array.from((values as unknown[]).flat(3) as number[]) as unknown as Uint8Array;
const valuesOf = (tensor: tf.Tensor) => tensor.dataSync() as unknown as Uint8Array;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each(['brightness', 'contrast', 'saturation'] as const)(
  "%s is torchvision's, each image by its own factor",
  (step) => {
    const actual = colorJitter(images(), { [step]: tf.tensor1d(reference.factors) });
    // torchvision's grey has 0.2989 of red, this 0.299: 0.6 * 255 * 0.0001 of a level.
    expect(difference(valuesOf(actual), flat(reference[step])).max).toBeLessThan(0.02);
  },
);

test("hue is MXNet's", () => {
  const actual = colorJitter(images(), { hue: tf.tensor1d(reference.turns) });
  expect(difference(valuesOf(actual), flat(reference.hue)).max).toBeLessThan(0.001);
});

test("PCA noise is MXNet's", () => {
  const actual = pcaNoise(images(), tf.tensor2d(reference.alphas));
  expect(difference(valuesOf(actual), flat(reference.lighting)).max).toBeLessThan(0.001);
});

test('factors of 1, a hue of 0 and noise of 0 change nothing', () => {
  const ones = tf.ones([3]) as tf.Tensor1D;
  const jittered = colorJitter(images(), { brightness: ones, contrast: ones, saturation: ones });
  expect(difference(valuesOf(jittered), flat(reference.images)).max).toBeLessThan(0.0001);
  // MXNet's two matrices are inverse to three digits only.
  const turned = colorJitter(images(), { hue: tf.zeros([3]) });
  expect(difference(valuesOf(turned), flat(reference.images)).max).toBeLessThan(1.5);
  const noisy = pcaNoise(images(), tf.zeros([3, 3]));
  expect(difference(valuesOf(noisy), flat(reference.images)).max).toBe(0);
});

test('factors of 0 give black, the mean grey and grey', () => {
  const zeros = tf.zeros([3]) as tf.Tensor1D;
  expect(valuesOf(tf.max(colorJitter(images(), { brightness: zeros })))[0]).toBe(0);
  const contrast = colorJitter(images(), { contrast: zeros });
  const { variance } = tf.moments(contrast, [1, 2, 3]);
  expect(Math.max(...variance.dataSync())).toBeLessThan(0.001);
  const gray = colorJitter(images(), { saturation: zeros });
  const [red, green] = tf.unstack(gray, 3);
  expect(tf.max(tf.abs(tf.sub(red!, green!))).dataSync()[0]).toBeLessThan(0.001);
});

test('steps are taken in the order that is given, and clip to 0..255 in between', () => {
  const coefficients = {
    brightness: tf.tensor1d([2, 2, 2]),
    contrast: tf.tensor1d([0.5, 0.5, 0.5]),
  };
  const ours = colorJitter(images(), { ...coefficients, order: ['contrast', 'brightness'] });
  const wanted = colorJitter(colorJitter(images(), { contrast: coefficients.contrast }), {
    brightness: coefficients.brightness,
  });
  expect(valuesOf(ours)).toEqual(valuesOf(wanted));
  expect(valuesOf(ours)).not.toEqual(valuesOf(colorJitter(images(), coefficients)));
  expect(valuesOf(tf.max(ours))[0]).toBeLessThanOrEqual(255);
});

test('int32 images are taken, one tensor is left, and the inputs stay', () => {
  const bytes = tf.cast(images(), 'int32') as tf.Tensor4D;
  const factors = tf.tensor1d(reference.factors);
  const alphas = tf.tensor2d(reference.alphas);
  const before = tf.memory().numTensors;
  const jittered = colorJitter(bytes, {
    brightness: factors,
    contrast: factors,
    saturation: factors,
    hue: factors,
  });
  expect(tf.memory().numTensors).toBe(before + 1);
  const noisy = pcaNoise(bytes, alphas);
  expect(tf.memory().numTensors).toBe(before + 2);
  const untouched = colorJitter(bytes, {});
  expect(tf.memory().numTensors).toBe(before + 3);
  expect([jittered, noisy, untouched].map(({ dtype }) => dtype)).toEqual([
    'float32',
    'float32',
    'float32',
  ]);
  expect([bytes, factors, alphas].some(({ isDisposed }) => isDisposed)).toBe(false);
});

test("drawn factors are the paper's U[0.6, 1.4], after four draws", () => {
  const random = seeded(1);
  const draws = Array.from({ length: 20_000 }, () => drawColorJitter(random));
  for (const name of ['brightness', 'contrast', 'saturation'] as const) {
    const values = draws.map((draw) => draw[name]);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0.6);
    expect(Math.max(...values)).toBeLessThan(1.4);
    // A uniform distribution of width 0.8: mean 1, variance 0.64 / 12.
    const mean = values.reduce((sum, value) => sum + value) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(1, 2);
    expect(variance).toBeCloseTo(0.64 / 12, 3);
  }
  expect(draws.every(({ hue }) => hue === 0)).toBe(true);
});

test('drawn noise is N(0, 0.1), independent, after four draws', () => {
  const random = seeded(2);
  let count = 0;
  const draws = Array.from({ length: 20_000 }, () =>
    drawPcaNoise(() => {
      count++;
      return random();
    }),
  );
  expect(count).toBe(80_000);
  const product = (a: 0 | 1 | 2, b: 0 | 1 | 2) =>
    draws.reduce((sum, draw) => sum + draw[a] * draw[b], 0) / draws.length;
  for (const a of [0, 1, 2] as const) {
    expect(product(a, a)).toBeCloseTo(0.01, 3);
    expect(draws.filter((draw) => Math.abs(draw[a]) < 0.1).length / draws.length).toBeCloseTo(
      0.6827,
      1.7,
    );
    for (const b of [0, 1, 2] as const) if (a !== b) expect(product(a, b)).toBeCloseTo(0, 3);
  }
});

test('noise is finite for any random number', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (draw) => {
      expect(drawPcaNoise(() => draw).every(Number.isFinite)).toBe(true);
    }),
  );
});

test.each([
  [
    () => colorJitter(tf.zeros([3, 4, 5]) as never, {}),
    'images of shape [batch, height, width, 3]',
  ],
  [
    () => colorJitter(images(), { hue: tf.zeros([2]) }),
    'hue of shape [3], one row an image, got [2]',
  ],
  [() => pcaNoise(images(), tf.zeros([3, 2])), 'alphas of shape [3,3]'],
  [
    () => drawColorJitter(Math.random, { contrast: -0.1 }),
    'contrast to be a number of [0, 1], got -0.1',
  ],
  [() => drawPcaNoise(Math.random, { deviation: Number.NaN }), 'deviation'],
])('nonsense is refused: %s', (call, message) => {
  expect(call).toThrow(RangeError);
  expect(call).toThrow(message);
});
