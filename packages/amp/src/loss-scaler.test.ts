import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { lossScaler, patience } from './loss-scaler.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Steps of 0.1 down the gradient of factor * weight, with the weight and the scale after each. */
function descend(lossScale: 'dynamic' | number, factors: readonly number[]) {
  const before = tf.memory().numTensors;
  const weight = tf.tidy(() => tf.variable(tf.scalar(1)));
  const scaler = lossScaler(lossScale);
  const history = factors.map((factor) => {
    const numbers = tf.tidy(() => {
      const { skipped, ...scale } = scaler.step(() => {
        const { gradients, skipped } = scaler.gradients((seed) => ({
          gradients: { weight: tf.mul(seed, factor) },
        }));
        weight.assign(tf.sub(weight, tf.mul(gradients.weight, 0.1)));
        return { skipped };
      });
      return [skipped, scale.lossScale, scale.skippedSteps].map((one) => one.dataSync()[0]);
    });
    return [weight.dataSync()[0], ...numbers];
  });
  scaler.dispose();
  weight.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return history;
}

test('a dynamic scale is unscaled again, and an overflow halves it and changes nothing else', () => {
  const [taken, skipped, last] = descend('dynamic', [2, 1e38, 2]);
  expect(taken).toEqual([Math.fround(0.8), 0, 2 ** 15, 0]);
  expect(skipped).toEqual([Math.fround(0.8), 1, 2 ** 14, 1]);
  expect(last![0]).toBeCloseTo(0.6, 6);
  expect(last!.slice(1)).toEqual([0, 2 ** 14, 1]);
});

test('a number stays, as float32 has it', () => {
  const history = descend(0.1, [2, Number.POSITIVE_INFINITY, 2]);
  expect(history.map(([, , scale]) => scale)).toEqual(new Array(3).fill(Math.fround(0.1)));
  expect(history.map(([, skipped]) => skipped)).toEqual([0, 1, 0]);
});

test('the seed that the backward pass begins with is scaled', () => {
  const scaler = lossScaler(8);
  const seeds: number[] = [];
  const weight = tf.scalar(1);
  const note = (seed: tf.Scalar) => {
    seeds.push(seed.dataSync()[0]!);
    return { gradients: { weight } };
  };
  tf.tidy(() => void scaler.gradients(note));
  tf.tidy(() => void scaler.gradients(note, tf.scalar(0.5)));
  expect(seeds).toEqual([8, 4]);
  scaler.dispose();
  weight.dispose();
});

test('it is stuck after so many skipped steps in a row at the lowest scale, and not before', () => {
  const scaler = lossScaler('dynamic');
  const skipped = { skipped: 1, lossScale: 1 };
  const run = (steps: number) => Array.from({ length: steps }, () => scaler.isStuck(skipped));
  expect(run(patience - 1)).not.toContain(true);
  expect(scaler.isStuck({ skipped: 0, lossScale: 1 })).toBe(false);
  expect(run(patience - 1)).not.toContain(true);
  expect(scaler.isStuck({ skipped: 1, lossScale: 2 })).toBe(false);
  expect(run(patience).at(-1)).toBe(true);
  scaler.dispose();
});

test('a scale that is no positive number is refused', () => {
  expect(() => lossScaler(0)).toThrow(/lossScaleVariables: expected a scale/);
});
