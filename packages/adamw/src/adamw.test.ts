import { readFileSync } from 'node:fs';
import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AdamW, adamw, noBiasDecay } from './index.ts';

type Values = Record<string, number[]>;
interface Case {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  initial: Values;
  gradients: Values[];
  snapshots: { step: number; weights: Values; moments: Values }[];
}
const golden: { shapes: Values; learningRates: number[]; cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/pytorch-adamw.json', import.meta.url), 'utf8'),
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

function toTensors(values: Values): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [name, tf.tensor(data, golden.shapes[name])]),
  );
}

/** Largest difference relative to the largest expected value. */
function relativeError(actual: ArrayLike<number>, expected: number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...Array.from(actual, (a, i) => Math.abs(a - expected[i]!))) / (scale || 1);
}

function expectSnapshot(values: Record<string, ArrayLike<number>>, expected: Values): void {
  for (const [name, value] of Object.entries(expected)) {
    expect(relativeError(values[name]!, value), name).toBeLessThan(1e-6);
  }
}

const read = (variables: Record<string, tf.Variable>) =>
  Object.fromEntries(Object.entries(variables).map(([name, v]) => [name, v.dataSync()]));

describe('against PyTorch', () => {
  test.each(
    golden.cases.flatMap((c) => [
      { ...c, rate: 'number' as const },
      { ...c, rate: 'scalar' as const },
    ]),
  )(
    'equals AdamW for 50 steps with betas $beta1, $beta2, decay $weightDecay and the learning rate as a $rate',
    ({ initial, gradients, snapshots, rate, weightDecay, ...hyperParameters }) => {
      const variables = toVariables(initial);
      const optimizer = adamw(noBiasDecay(variables, { weightDecay }), hyperParameters);
      gradients.forEach((gradient, i) => {
        const learningRate = golden.learningRates[i]!;
        optimizer.applyGradients(
          toTensors(gradient),
          rate === 'number' ? learningRate : tf.scalar(learningRate),
        );
        const snapshot = snapshots.find(({ step }) => step === i + 1);
        if (!snapshot) return;
        expectSnapshot(read(variables), snapshot.weights);
        expectSnapshot(read(optimizer.variables), snapshot.moments);
        expect(optimizer.variables.step!.dataSync()[0]).toBe(snapshot.step);
      });
    },
  );

  test('compiled, it equals AdamW too, and goes on after a resume in the middle', async () => {
    await registerTensorFlowBackend();
    const { initial, gradients, snapshots, weightDecay, ...hyperParameters } = golden.cases[0]!;
    const variables = toVariables(initial);
    const shapes = Object.entries(golden.shapes).map(([name, shape]) => [name, { shape }] as const);
    const inputs = { ...Object.fromEntries(shapes), rate: { shape: [] } };
    const compileStep = (optimizer: AdamW) =>
      compile(({ rate, ...given }) => optimizer.applyGradients(given, rate as tf.Scalar), {
        inputs,
      });
    let optimizer = adamw(noBiasDecay(variables, { weightDecay }), hyperParameters);
    let step = await compileStep(optimizer);
    for (const [i, gradient] of gradients.entries()) {
      if (i === 25) {
        await step.sync();
        await step.dispose();
        const state = optimizer.getState();
        optimizer.dispose();
        optimizer = adamw(noBiasDecay(variables, { weightDecay }), hyperParameters);
        optimizer.setState(state);
        step = await compileStep(optimizer);
      }
      await step.run({ ...gradient, rate: golden.learningRates[i]! });
      const snapshot = snapshots.find(({ step }) => step === i + 1);
      if (!snapshot) continue;
      const values = await step.read({ ...variables, ...optimizer.variables });
      const arrays = Object.entries(values).map(([name, value]) => [name, value.values] as const);
      expectSnapshot(Object.fromEntries(arrays), { ...snapshot.weights, ...snapshot.moments });
      expect(values.step!.values[0]).toBe(snapshot.step);
    }
    await step.dispose();
    await tf.setBackend('cpu');
  });

  test('the fixture tells decay from no decay: decaying the biases too misses it', () => {
    const { initial, gradients, snapshots, ...hyperParameters } = golden.cases[1]!;
    const variables = toVariables(initial);
    const optimizer = adamw(variables, hyperParameters);
    gradients.forEach((gradient, i) => {
      optimizer.applyGradients(toTensors(gradient), golden.learningRates[i]!);
    });
    const { weights } = snapshots.at(-1)!;
    const error = (name: string) => relativeError(variables[name]!.dataSync(), weights[name]!);
    expect(error('fc.weight')).toBeLessThan(1e-6);
    expect(error('fc.bias')).toBeGreaterThan(1e-2);
  });
});

describe('applyGradients', () => {
  const parameters = () => ({ w: tf.variable(tf.ones([2, 3])), b: tf.variable(tf.zeros([3])) });
  const gradients = () => ({ w: tf.ones([2, 3]), b: tf.ones([3]) });

  test('takes a list of variables and names the state by them', () => {
    const weight = tf.variable(tf.ones([2]), true, 'first');
    expect(Object.keys(adamw([weight]).variables)).toEqual([
      'step',
      'first.exp_avg',
      'first.exp_avg_sq',
    ]);
  });

  test('decays each group by its own weight decay, or by the default', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => tf.variable(tf.scalar(1), true, name));
    const optimizer = adamw(
      [
        { parameters: [a!], weightDecay: 0 },
        { parameters: [b!] },
        { parameters: [c!], weightDecay: 0.5 },
      ],
      { weightDecay: 0.25 },
    );
    const zero = tf.scalar(0);
    optimizer.applyGradients({ a: zero, b: zero, c: zero }, 1);
    expect([a, b, c].map((variable) => variable!.dataSync()[0])).toEqual([1, 0.75, 0.5]);
  });

  test('a parameter whose gradient is always 0 only decays', () => {
    const weight = tf.variable(tf.scalar(1));
    const optimizer = adamw({ weight }, { weightDecay: 0.1 });
    for (let step = 0; step < 3; step++) optimizer.applyGradients({ weight: tf.scalar(0) }, 0.5);
    expect(weight.dataSync()[0]).toBeCloseTo(0.95 ** 3, 6);
  });

  test('100 steps leave no tensor behind and read no value', () => {
    const optimizer = adamw(noBiasDecay(parameters()));
    const [given, rate] = [gradients(), tf.scalar(0.1)];
    // The first step gives the parameters buffers of their own.
    optimizer.applyGradients(given, rate);
    const before = tf.memory();
    const reads = vi.spyOn(tf.backend(), 'readSync');
    for (let step = 0; step < 50; step++) optimizer.applyGradients(given, rate);
    for (let step = 0; step < 50; step++) optimizer.applyGradients(given, 0.1);
    expect(reads).not.toHaveBeenCalled();
    reads.mockRestore();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(given.w.isDisposed || rate.isDisposed).toBe(false);
  });

  test('costs 13 operations for a variable without decay, 15 for one with it and 10 for the step', async () => {
    const optimizer = adamw(noBiasDecay(parameters()));
    const [given, rate] = [gradients(), tf.scalar(0.1)];
    const profile = await tf.profile(() => optimizer.applyGradients(given, rate));
    expect(profile.kernels.length).toBe(13 + 15 + 10);
  });
});

describe('state', () => {
  const gradients = () => ({ w: tf.tensor1d([1, -2]), b: tf.scalar(0.5) });
  const parameters = () => ({ w: tf.variable(tf.ones([2])), b: tf.variable(tf.scalar(1)) });

  test('what getState returned does not change with later steps', () => {
    const optimizer = adamw(parameters());
    optimizer.applyGradients(gradients(), 0.1);
    const state = optimizer.getState();
    optimizer.applyGradients(gradients(), 0.1);
    expect(state.step!.dataSync()[0]).toBe(1);
    expect(Object.keys(state)).toEqual(Object.keys(optimizer.variables));
  });

  test('disposing frees everything that was made, keeps the parameters and may be done twice', () => {
    const weight = tf.variable(tf.ones([2, 2]));
    const before = tf.memory().numTensors;
    const optimizer = adamw([weight]);
    optimizer.dispose();
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(weight.isDisposed).toBe(false);
    expect(() => optimizer.getState()).toThrow(
      'getState: this optimiser was disposed. Make a new one.',
    );
  });
});
