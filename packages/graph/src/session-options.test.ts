import * as tf from '@tensorflow/tfjs-core';
import { expect, test, vi } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { compile } from './index.ts';
import { encodeSessionOptions } from './session-options.ts';

useTensorFlow();

test('options are encoded as TensorFlow’s ConfigProto', () => {
  // As Python's config_pb2.ConfigProto(...).SerializeToString().hex() has them for TensorFlow 2.21.
  const hex = (options: Parameters<typeof encodeSessionOptions>[0]) =>
    Buffer.from(encodeSessionOptions(options)).toString('hex');
  expect(hex({})).toBe('32022001520452026001');
  expect(hex({ intraOpThreads: 2, interOpThreads: 1 })).toBe('1002280132022001520452026001');
  expect(hex({ allowGrowth: false })).toBe('3200520452026001');
  expect(hex({ xla: true })).toBe('3202200152045202600152041a022801');
  expect(hex({ config: Uint8Array.of(0x10, 3) })).toBe('320220015204520260011003');
});

test('a session takes them', async () => {
  const compiled = await compile(({ x }) => tf.sum(x) as tf.Scalar, {
    inputs: { x: { shape: [3] } },
    session: { intraOpThreads: 1, interOpThreads: 1, allowGrowth: true },
  });
  expect(await compiled.run({ x: [1, 2, 3] })).toBe(6);
  await compiled.dispose();
});

test('what is wrong with them is said', async () => {
  const compileWith = (session: object) => compile(() => tf.scalar(1), { inputs: {}, session });
  await expect(compileWith({ intraOpThreads: 0 })).rejects.toThrow(/intraOpThreads .* got 0/);
  await expect(compileWith({ config: Uint8Array.of(255) })).rejects.toThrow(
    /TF_SetConfig: .*ConfigProto/,
  );
});

test('XLA that comes too late is a warning, and the graph runs without it', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const compiled = await compile(({ x }) => tf.tanh(tf.mul(x, 2)) as tf.Scalar, {
    inputs: { x: { shape: [] } },
    session: { xla: true },
  });
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/runs without XLA\. Set TF_XLA_FLAGS/));
  warn.mockRestore();
  expect(await compiled.run({ x: 0.5 })).toBeCloseTo(Math.tanh(1), 6);
  await compiled.dispose();
});
