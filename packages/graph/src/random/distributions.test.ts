import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { withRandom } from '../index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const count = 100_000;

/** Draws with fixed seeds: the same numbers at every run of the tests. */
function draw(fn: () => tf.Tensor, { seed = 1, step = 0 } = {}): number[] {
  const variable = tf.variable(tf.scalar(step, 'int32'), false);
  return Array.from(withRandom({ seed, step: variable }, fn).dataSync());
}

/** The standard normal distribution function, to 2e-7 (Abramowitz and Stegun 7.1.26). */
function phi(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const coefficients = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const upper = coefficients.reduce((sum, a) => (sum + a) * t, 0) * Math.exp(-x * x);
  return z < 0 ? upper / 2 : 1 - upper / 2;
}

/** The largest distance between the numbers' distribution function and `cdf` (Kolmogorov-Smirnov). */
function distance(numbers: readonly number[], cdf: (x: number) => number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted.reduce((max, x, i) => {
    const p = cdf(x);
    return Math.max(max, p - i / sorted.length, (i + 1) / sorted.length - p);
  }, 0);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - ma) * (b[i]! - mb)));
  const variance = (x: readonly number[], m: number) => mean(x.map((value) => (value - m) ** 2));
  return covariance / Math.sqrt(variance(a, ma) * variance(b, mb));
}

describe.each(['tensorflow', 'cpu'])('on %s', (backend) => {
  beforeEach(async () => void (await tf.setBackend(backend)));

  describe('float32', () => {
    const truncated = (z: number) => (phi(z) - phi(-2)) / (phi(2) - phi(-2));
    test.each<[string, () => tf.Tensor, (x: number) => number, [number, number]]>([
      ['randomUniform', () => tf.randomUniform([count]), (x) => x, [0, 1]],
      [
        'randomUniform, with bounds',
        () => tf.randomUniform([count], -2, 3),
        (x) => (x + 2) / 5,
        [-2, 3],
      ],
      ['randomNormal', () => tf.randomNormal([count]), phi, [-9, 9]],
      [
        'randomNormal, moved and scaled',
        () => tf.randomNormal([count], 1, 2),
        (x) => phi((x - 1) / 2),
        [-17, 19],
      ],
      ['randomStandardNormal', () => tf.randomStandardNormal([count]), phi, [-9, 9]],
      ['truncatedNormal', () => tf.truncatedNormal([count]), truncated, [-2, 2.000001]],
      [
        'truncatedNormal, moved and scaled',
        () => tf.truncatedNormal([count], -1, 0.5),
        (x) => truncated((x + 1) * 2),
        [-2, 0.000001],
      ],
    ])('%s', (_, fn, cdf, [min, max]) => {
      const numbers = draw(fn);
      // 1.95 / sqrt(n) is passed by one sample in a thousand.
      expect(distance(numbers, cdf)).toBeLessThan(1.95 / Math.sqrt(count));
      expect(numbers.every((x) => x >= min && x < max)).toBe(true);
    });

    test('randomUniform never returns its upper bound, however narrow the range', () => {
      const numbers = draw(() => tf.randomUniform([1000], 1, 1 + 2 ** -22));
      expect(new Set(numbers)).toEqual(new Set([1, 1 + 2 ** -23]));
    });

    test('randomUniform takes bounds in reverse order, as tfjs does', () => {
      const numbers = draw(() => tf.randomUniform([count], 3, -2));
      expect(distance(numbers, (x) => (x + 2) / 5)).toBeLessThan(1.95 / Math.sqrt(count));
    });
  });

  describe('whole numbers', () => {
    const frequencies = (numbers: readonly number[]) => {
      const counts: Record<number, number> = {};
      for (const x of numbers) counts[x] = (counts[x] ?? 0) + 1 / numbers.length;
      return counts;
    };

    test.each<[string, () => tf.Tensor, number[]]>([
      ['randomUniformInt', () => tf.randomUniformInt([count], -3, 3), [-3, -2, -1, 0, 1, 2]],
      ['int32', () => tf.randomUniform([count], 0.5, 3.5, 'int32'), [1, 2, 3]],
      ['bool', () => tf.randomUniform([count], 0, 2, 'bool'), [0, 1]],
    ])('%s: those from minval to below maxval are equally frequent', (_, fn, expected) => {
      const counts = frequencies(draw(fn));
      expect(
        Object.keys(counts)
          .map(Number)
          .sort((a, b) => a - b),
      ).toEqual(expected);
      for (const frequency of Object.values(counts)) {
        expect(frequency).toBeCloseTo(1 / expected.length, 2);
      }
    });

    test('normal int32: the normal numbers, rounded', () => {
      const counts = frequencies(draw(() => tf.randomNormal([count], 1, 2, 'int32')));
      for (const x of [-4, -1, 0, 1, 2, 5]) {
        expect(counts[x]).toBeCloseTo(phi((x - 0.5) / 2) - phi((x - 1.5) / 2), 2);
      }
    });
  });

  describe('dropout', () => {
    test('keeps 1 - rate of the elements, divided by it, and its gradient has the same mask', () => {
      const step = tf.variable(tf.scalar(0, 'int32'), false);
      const [value, gradient] = withRandom({ seed: 1, step }, () => {
        const x = tf.ones([count]);
        const { value, grad } = tf.valueAndGrad((x) => tf.dropout(x, 0.3))(x);
        return [value.dataSync(), grad.dataSync()];
      });
      expect(gradient).toEqual(value);
      const kept = value!.filter((x) => x !== 0);
      expect(kept.length / count).toBeCloseTo(0.7, 2);
      expect(kept.every((x) => Math.abs(x - 1 / 0.7) < 1e-6)).toBe(true);
    });

    test('with a noise shape drops whole channels', () => {
      const dropped = draw(() => tf.dropout(tf.ones([4, 50, 8]), 0.5, [4, 1, 8]));
      const channels = Array.from({ length: 32 }, (_, i) =>
        Array.from({ length: 50 }, (_, j) => dropped[(Math.floor(i / 8) * 50 + j) * 8 + (i % 8)]),
      );
      expect(channels.every((channel) => new Set(channel).size === 1)).toBe(true);
      expect(new Set(channels.map(([first]) => first))).toEqual(new Set([0, 2]));
    });
  });

  test('places, steps, seeds and seeds of the op do not depend on each other', () => {
    const uniform = () => tf.randomUniform([count]);
    const seeded = (seed: number | string) => () =>
      tf.randomUniform([count], 0, 1, 'float32', seed);
    const samples = [
      draw(uniform),
      draw(() => [uniform(), uniform()][1]!),
      draw(uniform, { step: 1 }),
      draw(uniform, { step: -1 }),
      draw(uniform, { seed: 2 }),
      draw(uniform, { seed: -1 }),
      draw(uniform, { seed: 2 ** 53 - 1 }),
      draw(seeded(1)),
      draw(seeded(2)),
      draw(seeded('word')),
    ];
    samples.forEach((a, i) => {
      for (const b of samples.slice(i + 1)) {
        expect(Math.abs(correlation(a, b))).toBeLessThan(4 / Math.sqrt(count));
      }
    });
    expect(draw(seeded('word'))).toEqual(samples.at(-1));
  });

  test.each<[string, () => tf.Tensor, RegExp]>([
    [
      'a range without whole numbers',
      () => tf.randomUniform([2], 0.2, 0.8, 'int32'),
      /tf\.randomUniform: expected a range \[minval, maxval\) with an int32 in it, got \[0\.2, 0\.8\)/,
    ],
    [
      'a range beyond int32',
      () => tf.randomUniformInt([2], 0, 2 ** 40),
      /randomUniformInt: .* int32/,
    ],
    [
      'a bound that is no number',
      () => tf.randomUniform([2], 0, Number.NaN),
      /a finite range, got NaN/,
    ],
    [
      'a standard deviation that is infinite',
      () => tf.truncatedNormal([2], 0, Number.POSITIVE_INFINITY),
      /tf\.truncatedNormal: expected a finite stdDev, got Infinity/,
    ],
    [
      'a type that holds no numbers',
      () => tf.randomUniform([2], 0, 1, 'string' as never),
      /expected dtype float32, int32 or bool, got string/,
    ],
  ])('%s is an error', (_, fn, message) => {
    expect(() => draw(fn)).toThrow(message);
  });
});
