import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { colorVariation, drawColors } from './color-variation.ts';

const rows = { seed: 1, epoch: 0, firstPosition: 0, rows: 8 };
const paper = { colorJitter: 0.4, pcaNoise: 0.1 };

beforeAll(() => tf.setBackend('cpu'));

test('the colours of an image depend on seed, epoch and position alone', () => {
  const whole = drawColors(rows, paper);
  const tail = drawColors({ ...rows, firstPosition: 5, rows: 3 }, paper);
  expect(tail).toEqual(whole.slice(5 * 6));
  expect(drawColors({ ...rows, epoch: 1 }, paper)).not.toEqual(whole);
  expect(drawColors({ ...rows, seed: 2 }, paper)).not.toEqual(whole);
});

test('factors are within their strength of 1, noise is around 0', () => {
  const colors = drawColors({ ...rows, rows: 5000 }, paper);
  const column = (c: number) => Array.from({ length: 5000 }, (_, row) => colors[row * 6 + c]!);
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
  const varied = colorVariation(paper)!.apply(images, colors);
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

test('with both amounts at zero there is nothing to do', () => {
  expect(colorVariation({ colorJitter: 0, pcaNoise: 0 })).toBeNull();
  expect(colorVariation({ colorJitter: 0, pcaNoise: 0.1 })).not.toBeNull();
});
