import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { EagerBinding } from './eager-binding.ts';
import { registerTensorFlowBackend } from './register.ts';

/** Counts the ops that run and the bytes that are uploaded meanwhile. */
function count(binding: EagerBinding, run: () => void) {
  const { executeOp, createTensor } = binding;
  const ops: Record<string, number> = {};
  let uploadedBytes = 0;
  binding.executeOp = (name, ...rest) => {
    ops[name] = (ops[name] ?? 0) + 1;
    return executeOp.call(binding, name, ...rest);
  };
  binding.createTensor = (shape, dtype, values) => {
    uploadedBytes += (values as Float32Array).byteLength;
    return createTensor.call(binding, shape, dtype, values);
  };
  try {
    run();
  } finally {
    Object.assign(binding, { executeOp, createTensor });
  }
  return { ops, uploadedBytes };
}

test('a residual block with batch norm differentiates in one op each, and uploads no activation', async () => {
  const { binding } = await registerTensorFlowBackend();
  const images = tf.randomNormal([4, 16, 16, 8]) as tf.Tensor4D;
  const weights = tf.variable(tf.randomNormal([3, 3, 8, 8])) as tf.Variable<tf.Rank.R4>;
  const [scale, offset] = [tf.variable(tf.ones([8])), tf.variable(tf.zeros([8]))];
  const loss = () => {
    const x = tf.conv2d(images, weights, 1, 'same');
    const inputs = { x, scale, offset };
    const attributes = { epsilon: 1e-5, training: true };
    const [y] = tf.engine().runKernel('FusedBatchNormV3', inputs, attributes) as tf.Tensor[];
    return tf.mean(tf.mean(tf.relu(tf.add(y!, images)), [1, 2])) as tf.Scalar;
  };
  // The first step uploads the images and the weights.
  tf.tidy(() => tf.variableGrads(loss));

  const { ops, uploadedBytes } = count(binding, () => tf.tidy(() => tf.variableGrads(loss)));
  expect(ops).toEqual({
    Conv2D: 1,
    FusedBatchNormV3: 1,
    Add: 1,
    Relu: 1,
    Mean: 2,
    // The gradients of the two means,
    Mul: 2,
    Reshape: 2,
    Tile: 2,
    // and one op for each of the others; that of the addition passes its own on.
    ReluGrad: 1,
    FusedBatchNormGradV3: 1,
    Conv2DBackpropFilter: 1,
  });
  // Axes, shapes and scalars; an activation is 32 KB.
  expect(uploadedBytes).toBeLessThan(256);
});
