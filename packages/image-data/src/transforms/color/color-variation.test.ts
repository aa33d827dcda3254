import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { seeded } from '../../../test/support/pictures.ts';
import { colorVariation } from './color-variation.ts';

beforeAll(() => tf.setBackend('cpu'));

test('factors are within their strength of 1, noise is around 0', () => {
  const random = seeded(2);
  const rows = Array.from({ length: 5000 }, () => colorVariation().draw(random));
  const column = (c: number) => rows.map((row) => row[c]!);
  for (const c of [0, 1, 2]) {
    expect(Math.min(...column(c))).toBeCloseTo(0.6, 2);
    expect(Math.max(...column(c))).toBeCloseTo(1.4, 2);
  }
  for (const c of [3, 4, 5]) {
    const meanSquare = column(c).reduce((sum, x) => sum + x * x, 0) / 5000;
    // Five standard errors of the mean square of N(0, 0.1).
    expect(Math.abs(meanSquare - 0.01)).toBeLessThan(0.001);
  }
});

test('each image gets its own colours: brightness by hand, noise by hand', async () => {
  const images = tf.fill([2, 2, 2, 3], 100) as tf.Tensor4D;
  const before = tf.memory().numTensors;
  const colors = tf.tensor2d([1.2, 1, 1, 0, 0, 0, 1, 1, 1, 0.1, 0, 0], [2, 6]);
  const varied = colorVariation().apply(images, colors);
  const pixels = await varied.data();
  colors.dispose();
  varied.dispose();
  expect(tf.memory().numTensors).toBe(before);
  pixels.slice(0, 12).forEach((value) => {
    expect(value).toBeCloseTo(120, 3);
  });
  // The first principal colour of ImageNet: 0.1 times 55.46 times (-0.5675, -0.5808, -0.5836).
  const expected = [100 - 3.1474, 100 - 3.2211, 100 - 3.2366];
  expected.forEach((value, c) => {
    expect(pixels[12 + c]).toBeCloseTo(value, 3);
  });
});

test('a part whose amount is zero is left out, and with both nothing changes', async () => {
  const images = tf.fill([1, 2, 2, 3], 100, 'int32') as tf.Tensor4D;
  // Numbers that would change a lot if they were used.
  const colors = tf.tensor2d([2, 2, 2, 1, 1, 1], [1, 6]);
  const values = async (amounts: object) => [
    ...(await colorVariation(amounts).apply(images, colors).data()),
  ];
  expect(await values({ jitter: 0, noise: 0 })).toEqual(new Array(12).fill(100));
  expect((await values({ noise: 0 }))[0]).toBe(200);
  expect((await values({ jitter: 0 }))[0]).toBeCloseTo(100 - 27.6, 0);
  expect(() => colorVariation({ jitter: 2 }).draw(Math.random)).toThrow(RangeError);
});
