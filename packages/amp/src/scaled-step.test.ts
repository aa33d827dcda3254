import { compile } from '@bag-of-tricks/graph';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { autocast, type LossScaleVariables, lossScaleVariables, scaledStep } from './index.ts';

const backend = useTensorFlow();

/** Two layers without biases whose gradients shrink by `shrink`; the update is plain SGD. */
function network(shrink: number, state: LossScaleVariables) {
  const first = tf.variable(tf.fill([4, 4], 0.25));
  const second = tf.variable(tf.fill([4, 1], 0.5));
  const running = tf.variable(tf.zeros([4]), false);
  const parameters = [first, second];
  const step = ({ x, factor }: { x: tf.Tensor; factor: tf.Tensor }) =>
    autocast({ dtype: 'float16' }, () =>
      scaledStep({
        loss: () => {
          const hidden = tf.matMul(x as tf.Tensor2D, first as tf.Tensor2D);
          running.assign(tf.add(tf.mul(running, 0.9), tf.mean(hidden, 0)));
          const y = tf.matMul(hidden, second as tf.Tensor2D);
          return tf.mul(tf.mean(y), tf.mul(factor, shrink)) as tf.Scalar;
        },
        parameters,
        update: (gradients) => {
          for (const parameter of parameters) {
            const change = tf.mul(gradients[parameter.name]!, 0.1 / shrink);
            parameter.assign(tf.sub(parameter, change));
          }
        },
        state,
        growthInterval: 3,
      }),
    );
  return { first, second, running, step };
}

const inputs = { x: { shape: [2, 4] }, factor: { shape: [] } } as const;
const x = new Float32Array(8).fill(1);

/** The state of loss scaling after runs with these factors. */
async function runSteps(scale: number, shrink: number, factors: readonly number[]) {
  const state = lossScaleVariables({ scale });
  const { step, ...variables } = network(shrink, state);
  const compiled = await compile(step, { inputs });
  const named = { ...variables, ...state };
  const history = [];
  for (const factor of factors) {
    const result = await compiled.run({ x, factor });
    const values = await compiled.read(named);
    const numbers = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, Array.from(value.values)]),
    ) as Record<keyof typeof named, number[]>;
    history.push({ ...numbers, ...result });
  }
  await compiled.dispose();
  return history;
}

describe('compiled in float16', () => {
  test('gradients below 6e-8 vanish without scaling and survive with it', async () => {
    const [without] = await runSteps(1, 1e-9, [1]);
    expect(without!.first).toEqual(new Array(16).fill(0.25));
    const [scaled] = await runSteps(2 ** 20, 1e-9, [1]);
    // dL/dfirst = 0.5 * shrink for the mean over the batch; the step is 0.1 / shrink of it.
    for (const weight of scaled!.first) expect(weight).toBeCloseTo(0.25 - 0.05, 4);
    expect(scaled!.loss).toBeCloseTo(0.5e-9 * 4, 12);
  });

  test('an overflow skips the update and the running statistics, halves the scale and is counted', async () => {
    const [good, bad, next] = await runSteps(1024, 1, [1, 1e4, 1]);
    expect(good).toMatchObject({ finite: 1, scale: [1024], goodSteps: [1], skippedSteps: [0] });
    expect(good!.running).not.toEqual([0, 0, 0, 0]);
    expect(bad).toMatchObject({ finite: 0, scale: [512], goodSteps: [0], skippedSteps: [1] });
    for (const name of ['first', 'second', 'running'] as const) {
      expect(bad![name], name).toEqual(good![name]);
      expect(next![name], name).not.toEqual(bad![name]);
    }
    expect(next).toMatchObject({ finite: 1, scale: [512], goodSteps: [1], skippedSteps: [1] });
  });

  test('a scale that is too large is halved until the gradients fit, and doubles after growthInterval good steps', async () => {
    const history = await runSteps(2 ** 24, 1, new Array(16).fill(0.01));
    const scales = history.map(({ scale }) => Math.log2(scale[0]!));
    const lowest = Math.min(...scales);
    // 0.01 * scale / 2 samples must be below 65504.
    expect(lowest).toBeGreaterThan(20);
    expect(lowest).toBeLessThan(24);
    const skipped = history.filter(({ finite }) => !finite).length;
    expect(skipped).toBeGreaterThanOrEqual(24 - lowest);
    expect(history.at(-1)!.skippedSteps).toEqual([skipped]);
    const first = history.findIndex(({ finite }) => finite);
    expect(scales.slice(first, first + 3)).toEqual([lowest, lowest, lowest + 1]);
  });
});

test('eager, it does what it does compiled, and leaves two scalars behind', async () => {
  const [compiled] = await runSteps(1024, 1, [0.5]);
  const { step, first } = network(1, lossScaleVariables({ scale: 1024 }));
  const tensors = { x: tf.tensor2d(x, [2, 4]), factor: tf.scalar(0.5) };
  tf.dispose(step(tensors));
  for (const [i, value] of first.dataSync().entries()) {
    expect(value).toBeCloseTo(compiled!.first[i]!, 6);
  }
  const before = [tf.memory().numTensors, backend().nativeHandleCount()];
  const { loss, finite } = step(tensors);
  expect([tf.memory().numTensors, backend().nativeHandleCount()]).toEqual([
    before[0]! + 2,
    before[1]! + 2,
  ]);
  tf.dispose([loss, finite]);
});

test('without autocast, on another backend, an overflow of float32 is skipped too', async () => {
  await tf.setBackend('cpu');
  const weight = tf.variable(tf.tensor2d([[1, 2]]));
  const state = lossScaleVariables({ scale: 4 });
  const step = (factor: number) =>
    scaledStep({
      loss: () => tf.sum(tf.mul(weight, factor)) as tf.Scalar,
      parameters: [weight],
      update: (gradients) => weight.assign(tf.sub(weight, gradients[weight.name]!)),
      state,
    });
  expect(step(2e38).finite.dataSync()[0]).toBe(0);
  expect([...weight.dataSync()]).toEqual([1, 2]);
  expect(state.scale.dataSync()[0]).toBe(2);
  expect(step(0.5).finite.dataSync()[0]).toBe(1);
  expect([...weight.dataSync()]).toEqual([0.5, 1.5]);
  tf.dispose([weight, ...Object.values(state)]);
  await tf.setBackend('tensorflow');
});

test('variables on another backend are left there', async () => {
  await tf.setBackend('cpu');
  const elsewhere = tf.variable(tf.scalar(1));
  await tf.setBackend('tensorflow');
  const [step] = await runSteps(1, 1, [1]);
  expect(step!.finite).toBe(1);
  await tf.setBackend('cpu');
  expect(elsewhere.dataSync()[0]).toBe(1);
  elsewhere.dispose();
  await tf.setBackend('tensorflow');
});

test('a static scale stays, and its steps are skipped all the same', async () => {
  const weight = tf.variable(tf.scalar(1));
  const state = lossScaleVariables({ scale: 128 });
  const step = (factor: number) =>
    scaledStep({
      loss: () => tf.mul(weight, factor),
      parameters: [weight],
      update: (gradients) => weight.assign(tf.sub(weight, gradients[weight.name]!)),
      state,
      growthInterval: 1,
      growthFactor: 1,
      backoffFactor: 1,
    });
  for (const factor of [1, 1e38, 1]) step(factor);
  const numbers = Object.values(state).map((variable) => variable.dataSync()[0]);
  expect(numbers).toEqual([128, 0, 1]);
  expect(weight.dataSync()[0]).toBe(-1);
});

test('state out of range is an error', () => {
  expect(() => lossScaleVariables({ scale: 0 })).toThrow(/lossScaleVariables: expected a scale/);
  expect(() => lossScaleVariables({ skippedSteps: 0.5 })).toThrow(/expected skippedSteps/);
});
