import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, expect, test } from 'vitest';
import { compile } from './index.ts';

beforeEach(async () => {
  await registerTensorFlowBackend();
});

const inputs = { x: { shape: [2] } } as const;

test('a function that was compiled before tf.engine().reset() runs on, with the state of its graph', async () => {
  const total = tf.variable(tf.scalar(10), true, 'total');
  const compiled = await compile(
    ({ x }) => {
      total.assign(tf.add(total, tf.sum(x)) as tf.Scalar);
      return tf.clone(total) as tf.Scalar;
    },
    { inputs },
  );
  expect(await compiled.run({ x: [1, 2] })).toBe(13);
  tf.engine().reset();
  await tf.setBackend('tensorflow');
  expect(await compiled.run({ x: [3, 4] })).toBe(20);
  const { total: read } = await compiled.read({ total });
  expect(read!.values[0]).toBe(20);
  // The variable of tfjs went with its engine's state.
  await compiled.sync();
  await expect(compiled.write()).rejects.toThrow('disposed');
  await compiled.dispose();
});

test.each(['reset', 'removeBackend'])('compile works in the context after %s', async (how) => {
  const before = await registerTensorFlowBackend();
  if (how === 'reset') tf.engine().reset();
  else tf.removeBackend('tensorflow');
  const compiled = await compile(({ x }) => tf.square(x as tf.Tensor1D), { inputs });
  const { values } = await compiled.run({ x: [2, 3] });
  expect([...values]).toEqual([4, 9]);
  expect((await registerTensorFlowBackend()) === before).toBe(how === 'reset');
  await compiled.dispose();
  expect(before.nativeHandleCount()).toBe(0);
});
