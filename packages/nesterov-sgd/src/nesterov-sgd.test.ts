import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { nesterovSgd, noBiasDecay } from './index.ts';

type Values = Record<string, number[]>;
interface Case {
  momentum: number;
  weightDecay: number;
  initial: Values;
  gradients: Values[];
  snapshots: { step: number; weights: Values; velocities: Values }[];
}
const golden: { shapes: Values; learningRates: number[]; cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/pytorch-sgd.json', import.meta.url), 'utf8'),
);

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

function toVariables(values: Values): Record<string, tf.Variable> {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [
      name,
      tf.variable(tf.tensor(data, golden.shapes[name])),
    ]),
  );
}

function toTensors(values: Values, variables: Record<string, tf.Variable>): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [
      variables[name]!.name,
      tf.tensor(data, golden.shapes[name]),
    ]),
  );
}

/** Largest difference relative to the largest expected value. */
function relativeError(actual: tf.Tensor, expected: number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...Array.from(actual.dataSync(), (a, i) => Math.abs(a - expected[i]!))) / scale;
}

describe('against PyTorch', () => {
  test.each(
    golden.cases.flatMap((c) => [
      { ...c, rate: 'number' as const },
      { ...c, rate: 'scalar' as const },
    ]),
  )(
    'equals SGD(nesterov=True) for 50 steps with momentum $momentum, decay $weightDecay and the learning rate as a $rate',
    ({ momentum, weightDecay, initial, gradients, snapshots, rate }) => {
      const variables = toVariables(initial);
      const optimizer = nesterovSgd(noBiasDecay(variables, { weightDecay }), { momentum });
      gradients.forEach((gradient, i) => {
        const learningRate = golden.learningRates[i]!;
        optimizer.applyGradients(
          toTensors(gradient, variables),
          rate === 'number' ? learningRate : tf.scalar(learningRate),
        );
        const snapshot = snapshots.find(({ step }) => step === i + 1);
        for (const name of Object.keys(snapshot?.weights ?? {})) {
          expect(relativeError(variables[name]!, snapshot!.weights[name]!)).toBeLessThan(1e-6);
          expect(
            relativeError(optimizer.velocities[name]!, snapshot!.velocities[name]!),
          ).toBeLessThan(1e-6);
        }
      });
    },
  );

  test('the fixture tells decay from no decay: decaying the biases too misses it', () => {
    const { momentum, weightDecay, initial, gradients, snapshots } = golden.cases[1]!;
    const variables = toVariables(initial);
    const optimizer = nesterovSgd(variables, { momentum, weightDecay });
    gradients.forEach((gradient, i) => {
      optimizer.applyGradients(toTensors(gradient, variables), golden.learningRates[i]!);
    });
    const last = snapshots.at(-1)!.weights;
    expect(relativeError(variables['fc.weight']!, last['fc.weight']!)).toBeLessThan(1e-6);
    expect(relativeError(variables['fc.bias']!, last['fc.bias']!)).toBeGreaterThan(1e-2);
  });
});

describe('applyGradients', () => {
  test('a learning rate of 0 moves no weight, but the velocity', () => {
    const weight = tf.variable(tf.scalar(1));
    const optimizer = nesterovSgd({ weight }, { weightDecay: 0 });
    optimizer.applyGradients({ weight: tf.scalar(3) }, 0);
    expect(weight.dataSync()[0]).toBe(1);
    expect(optimizer.velocities.weight!.dataSync()[0]).toBe(3);
  });

  test('100 steps leave no tensor behind and read no value', () => {
    const parameters = { w: tf.variable(tf.ones([2, 3])), b: tf.variable(tf.zeros([3])) };
    const optimizer = nesterovSgd(noBiasDecay(parameters));
    const gradients = { w: tf.ones([2, 3]), b: tf.ones([3]) };
    const rate = tf.scalar(0.1);
    // The first step gives the parameters buffers of their own.
    optimizer.applyGradients(gradients, rate);
    const before = tf.memory();
    const read = vi.spyOn(tf.backend(), 'readSync');
    for (let step = 0; step < 50; step++) optimizer.applyGradients(gradients, rate);
    for (let step = 0; step < 50; step++) optimizer.applyGradients(gradients, 0.1);
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(gradients.w.isDisposed).toBe(false);
    expect(rate.isDisposed).toBe(false);
  });

  test('costs 6 operations for a variable without decay and 8 for one with it', async () => {
    const parameters = { w: tf.variable(tf.ones([2, 3])), b: tf.variable(tf.zeros([3])) };
    const optimizer = nesterovSgd(noBiasDecay(parameters));
    const gradients = { w: tf.ones([2, 3]), b: tf.ones([3]) };
    const profile = await tf.profile(() => optimizer.applyGradients(gradients, tf.scalar(0.1)));
    expect(profile.kernels.map(({ name }) => name)).toHaveLength(14);
  });
});

describe('state', () => {
  const gradients = () => ({ w: tf.tensor1d([1, -2]), b: tf.scalar(0.5) });
  const parameters = () => ({ w: tf.variable(tf.ones([2])), b: tf.variable(tf.scalar(1)) });

  test('restored in another optimiser, it continues as if there had been one', () => {
    const [whole, halves] = [parameters(), parameters()];
    const one = nesterovSgd(whole);
    for (let step = 0; step < 6; step++) one.applyGradients(gradients(), 0.1);
    const first = nesterovSgd(halves);
    for (let step = 0; step < 3; step++) first.applyGradients(gradients(), 0.1);
    const state = first.getState();
    first.dispose();
    const second = nesterovSgd(halves);
    second.setState(state);
    tf.dispose(state);
    for (let step = 0; step < 3; step++) second.applyGradients(gradients(), 0.1);
    expect(halves.w.dataSync()).toEqual(whole.w.dataSync());
    expect(halves.b.dataSync()).toEqual(whole.b.dataSync());
  });
});
