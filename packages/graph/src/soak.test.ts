import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { pretendGpu } from '../test/support/pretend-gpu.ts';
import { compile } from './index.ts';

useTensorFlow();
afterAll(() => tf.disposeVariables());

const size = 256;

/** A step whose state, input and output are large enough for a leak of any to show. */
function compileStep(weight: tf.Variable, optimizer: tf.Optimizer) {
  return compile(
    ({ x, rate }) => {
      const loss = () => tf.mean(tf.square(tf.matMul(x, tf.mul(weight, rate) as tf.Tensor2D)));
      return { loss: optimizer.minimize(() => loss().asScalar(), true, [weight])!, x };
    },
    { inputs: { x: { shape: [size, size] }, rate: { shape: [] } } },
  );
}

async function residentMegabytes(): Promise<number> {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  return process.memoryUsage().rss / 1e6;
}

/** Runs the rounds and returns how much memory each of the later ones added, in megabytes. */
async function growthPerRound(rounds: number, round: () => Promise<unknown>): Promise<number> {
  const warmUp = Math.ceil(rounds / 5);
  for (let i = 0; i < warmUp; i++) await round();
  const before = await residentMegabytes();
  for (let i = warmUp; i < rounds; i++) await round();
  return ((await residentMegabytes()) - before) / (rounds - warmUp);
}

test('500 steps hold handles and memory flat', { tags: ['slow'] }, async () => {
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const weight = tf.variable(tf.randomNormal([size, size], 0, 0.01));
  const compiled = await compileStep(weight, tf.train.momentum(1e-3, 0.9));
  const x = new Float32Array(size * size).fill(0.5);
  await compiled.run({ x, rate: 1 });
  const handles = [nativeHandleCount(), tf.memory().numTensors];
  // Each step takes 0.26 MB and gives 0.26 MB back.
  const growth = await growthPerRound(500, () => compiled.run({ x, rate: 1 }));
  expect([nativeHandleCount(), tf.memory().numTensors]).toEqual(handles);
  expect(growth).toBeLessThan(0.1);
  await compiled.dispose();
});

test('50 rounds of compile, run and dispose hold handles and memory flat', {
  tags: ['slow'],
}, async () => {
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const weight = tf.variable(tf.randomNormal([size, 8 * size], 0, 0.01));
  const optimizer = tf.train.momentum(1e-3, 0.9);
  const x = new Float32Array(size * size).fill(0.5);
  const round = async () => {
    const compiled = await compileStep(weight, optimizer);
    await compiled.run({ x, rate: 1 });
    await compiled.dispose();
  };
  await round();
  const handles = [nativeHandleCount(), tf.memory().numTensors];
  // Each round has 4 MB of state, weight and momentum, and takes and gives 0.26 MB.
  const growth = await growthPerRound(50, round);
  expect([nativeHandleCount(), tf.memory().numTensors]).toEqual(handles);
  expect(growth).toBeLessThan(1.5);
});

test('500 values that wait on a GPU for their run hold memory flat', {
  tags: ['slow'],
}, async () => {
  await pretendGpu(async () => {
    const compiled = await compile(({ x }) => ({ sum: tf.sum(x) as tf.Scalar }), {
      inputs: { x: { shape: [size, size], ahead: true } },
    });
    const x = new Float32Array(size * size).fill(0.5);
    let next = compiled.send('x', x);
    // Each takes 0.26 MB and gives 0.26 MB back.
    const growth = await growthPerRound(500, async () => {
      const running = compiled.run({ x: next });
      next = compiled.send('x', x);
      await running;
    });
    expect(growth).toBeLessThan(0.1);
    await compiled.dispose();
  });
});
