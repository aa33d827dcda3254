import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs';
import { expect, test, vi } from 'vitest';
import { compile } from './index.ts';

// No backend is registered here: compile does it, and can still ask TensorFlow for XLA.
test('XLA compiles the graph if it is asked for in time', async () => {
  const warn = vi.spyOn(console, 'warn');
  const compiled = await compile(
    ({ x }) => tf.sum(tf.tanh(tf.add(tf.matMul(x, x), 1))) as tf.Scalar,
    { inputs: { x: { shape: [16, 16] } }, session: { xla: true } },
  );
  const x = new Float32Array(256).fill(0.01);
  const expected = 256 * Math.tanh(1 + 16 * 1e-4);
  for (let run = 0; run < 3; run++) expect(await compiled.run({ x })).toBeCloseTo(expected, 2);
  const { ops } = await compiled.profile({ x });
  expect(ops.map(({ op }) => op)).toContain('_XlaRun');
  expect(warn).not.toHaveBeenCalled();
  await compiled.dispose();
});
