import { compile } from '@bag-of-tricks/graph';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import {
  autocast,
  type LossScaleRule,
  type LowPrecision,
  lossScaleVariables,
  scaledStep,
} from './index.ts';

useTensorFlow();

/** All combinations of four signs: a regression on them has the same curvature in every direction. */
const signs = Array.from({ length: 16 }, (_, row) =>
  [1, 2, 4, 8].map((bit) => (row & bit ? 1 : -1)),
);
const hadamard = [
  [1, 1, 1, 1],
  [1, -1, 1, -1],
  [1, 1, -1, -1],
  [1, -1, -1, 1],
];
const wanted = [
  0.9, -0.4, 0.7, 0.2, -0.8, 0.5, 0.3, -0.6, 0.4, 0.8, -0.5, 0.9, -0.3, 0.6, 0.7, -0.2,
];

interface Training extends LossScaleRule {
  readonly dtype: LowPrecision | null;
  /** How much the second layer, which is not trained, enlarges its input. */
  readonly gain: number;
  /** First loss scale; 1 is none. */
  readonly scale: number;
  readonly steps: number;
}

/**
 * The mean of (x W1 W2 - x T W2)^2, minimised over W1. Its gradient by the hidden layer is about gain^2 / 32, its curvature gain^2 / 2,
 * so that with this learning rate the error halves in each step of exact arithmetic.
 */
async function trainRegression({ dtype, gain, scale, steps, ...rule }: Training) {
  const weight = tf.variable(tf.zeros<tf.Rank.R2>([4, 4]));
  const x = tf.tensor2d(signs);
  const second = tf.tensor2d(hadamard).mul<tf.Tensor2D>(gain / 2);
  const target = x.matMul(tf.tensor2d(wanted, [4, 4])).matMul(second);
  const learningRate = 1 / gain ** 2;
  const state = lossScaleVariables({ scale });
  const step = () =>
    scaledStep({
      loss: () => x.matMul(weight).matMul(second).sub(target).square().mean(),
      parameters: [weight],
      update: (gradients) =>
        weight.assign(weight.sub(gradients[weight.name]!.mul(learningRate)) as tf.Tensor2D),
      state,
      ...rule,
    });
  const compiled = await compile(() => (dtype === null ? step() : autocast({ dtype }, step)), {
    inputs: {},
  });
  const history = [];
  for (let i = 0; i < steps; i++) {
    const { loss, finite } = await compiled.run({});
    const values = await compiled.read({ weight, ...state });
    history.push({
      loss,
      skipped: finite === 0,
      weight: [...values.weight!.values],
      scale: values.scale!.values[0]!,
      skippedSteps: values.skippedSteps!.values[0]!,
    });
  }
  await compiled.dispose();
  return history;
}

test('a network built to underflow trains in float16 only with loss scaling', async () => {
  const gain = 2 ** -12;
  const float32 = await trainRegression({ dtype: null, gain, scale: 1, steps: 20 });
  const first = float32[0]!.loss;
  // It can be learnt, and from the range of bfloat16 too.
  expect(float32.at(-1)!.loss / first).toBeLessThan(1e-6);
  const bfloat16 = await trainRegression({ dtype: 'bfloat16', gain, scale: 1, steps: 20 });
  expect(bfloat16.at(-1)!.loss / first).toBeLessThan(1e-3);

  const without = await trainRegression({ dtype: 'float16', gain, scale: 1, steps: 20 });
  expect(without.at(-1)!.weight).toEqual(new Array(16).fill(0));
  expect(without.at(-1)!.loss).toBe(without[0]!.loss);

  const scaled = await trainRegression({ dtype: 'float16', gain, scale: 2 ** 15, steps: 20 });
  expect(scaled.at(-1)!.skippedSteps).toBe(0);
  expect(scaled.at(-1)!.loss / first).toBeLessThan(1e-5);
  scaled.at(-1)!.weight.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!)).toBeLessThan(0.005);
  });
});

test('a network built to overflow skips, halves, recovers, trains, and finds a larger scale later', async () => {
  const history = await trainRegression({
    dtype: 'float16',
    gain: 2 ** 6,
    scale: 2 ** 15,
    steps: 40,
    growthInterval: 5,
  });
  const start = history.findIndex(({ skipped }) => !skipped);
  expect(start).toBeGreaterThan(4);
  history.slice(0, start).forEach(({ weight, scale, skippedSteps }, i) => {
    expect(weight).toEqual(new Array(16).fill(0));
    expect(scale).toBe(2 ** (14 - i));
    expect(skippedSteps).toBe(i + 1);
  });
  // Errors shrink, and gradients with them: there is room for a larger scale, and every skipped step changes nothing.
  const settled = history[start]!.scale;
  expect(Math.max(...history.slice(start).map(({ scale }) => scale))).toBeGreaterThan(settled);
  history.forEach(({ skipped, weight, scale }, i) => {
    if (!skipped || i === 0) return;
    expect(weight).toEqual(history[i - 1]!.weight);
    expect(scale).toBe(history[i - 1]!.scale / 2);
  });
  expect(history.at(-1)!.skippedSteps).toBe(history.filter(({ skipped }) => skipped).length);
  expect(history.at(-1)!.loss / history[0]!.loss).toBeLessThan(1e-5);
});
