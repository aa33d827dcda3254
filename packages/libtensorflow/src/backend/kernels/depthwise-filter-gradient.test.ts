import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectClose, normal, ours, reference } from '../../../test/support/reference.ts';
import { registerTensorFlowBackend } from '../register.ts';

type Size = [height: number, width: number];
type Pad = 'same' | 'valid' | number;

/** dL/dfilter of images 9x8, for a loss that weighs every output. */
const gradient = (filter: Size, multiplier: number, stride: number, pad: Pad) => () => {
  const x = normal([2, 9, 8, 3], 1) as tf.Tensor4D;
  const weighted = (w: tf.Tensor) => {
    const y = tf.depthwiseConv2d(x, w as tf.Tensor4D, stride, pad);
    return tf.mul(y, normal(y.shape, 3));
  };
  return tf.grad(weighted)(normal([...filter, 3, multiplier], 2));
};

test.each<[Size, number, number, Pad]>([
  [[5, 5], 1, 1, 'same'],
  [[5, 5], 2, 2, 'same'],
  [[3, 4], 1, 2, 'valid'],
  [[7, 7], 1, 1, 3],
  [[2, 6], 3, 2, 2],
  [[5, 3], 1, 2, 'same'],
])(
  "of a filter of %j, %d a channel, at stride %d and padding %s, it is that of tfjs's own backend",
  async (...one) => {
    const compute = gradient(...one);
    expectClose(await ours(compute), await reference(compute));
  },
);

test('a wide filter has its padding written out, whatever tfjs calls it, and a narrow one has not', async () => {
  const { binding, nativeHandleCount } = await registerTensorFlowBackend();
  const paddings: unknown[] = [];
  const { executeOp } = binding;
  binding.executeOp = (name, attributes, ...rest) => {
    if (name === tf.DepthwiseConv2dNativeBackpropFilter) {
      paddings.push(attributes.find((one) => one.name === 'padding')?.value);
    }
    return executeOp.call(binding, name, attributes, ...rest);
  };
  try {
    const before = [tf.memory().numTensors, nativeHandleCount()];
    tf.tidy(() => void gradient([5, 5], 1, 1, 'same')());
    tf.tidy(() => void gradient([5, 5], 1, 2, 'valid')());
    tf.tidy(() => void gradient([5, 3], 1, 1, 'same')());
    expect([tf.memory().numTensors, nativeHandleCount()]).toEqual(before);
  } finally {
    binding.executeOp = executeOp;
  }
  expect(paddings).toEqual(['EXPLICIT', 'EXPLICIT', 'SAME']);
});
