import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { type Binding, DataType } from '@bag-of-tricks/libtensorflow/native';
import type { RunContext, Stages } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { tricks } from './index.ts';

/** The types of the tensors that a step of two processes exchanges, of 40 gradients and a running mean; it is traced, and not run. */
async function sentTypes(wire: 'float32' | 'bfloat16'): Promise<number[]> {
  await registerTensorFlowBackend();
  const mean = tf.tidy(() => tf.variable(tf.zeros([5]), false));
  const network = { name: 'mine', parameters: {}, buffers: { mean } };
  const processes = { rank: 0, size: 2, isToStop: () => false };
  const { settings, definition } = tricks.dataParallel({ wire });
  const parts = await definition.build!(settings, { network, processes } as unknown as RunContext);
  const sent: number[] = [];
  const inner: Stages['gradients'] = ({ images }) => {
    mean.assign(tf.mean(images, [0, 1, 2]) as tf.Tensor1D);
    const gradients = Array.from({ length: 40 }, (_, i) => [`w${i}`, tf.mul(images, i)] as const);
    const scalar = tf.sum(images) as tf.Scalar;
    return { gradients: Object.fromEntries(gradients), metrics: { loss: scalar, top1: scalar } };
  };
  const compiled = await compile(
    ({ images, stop }) => {
      const backend = tf.backend() as unknown as { binding: Binding };
      const { binding } = backend;
      const executeOp: Binding['executeOp'] = (name, ...others) => {
        const outputs = binding.executeOp(name, ...others);
        if (name === 'CollectiveReduceV2') sent.push(outputs[0]!.dtype);
        return outputs;
      };
      backend.binding = { ...binding, executeOp };
      try {
        const at = { learningRate: tf.scalar(1), draws: { stop: stop! } };
        const batch = { images: images as tf.Tensor4D, labels: tf.tensor1d([0], 'int32') };
        const { gradients, metrics } = parts.gradients!(inner)(batch, at);
        return { ...gradients, loss: metrics.loss, stopping: metrics.stopping! };
      } finally {
        backend.binding = binding;
      }
    },
    { inputs: { images: { shape: [1, 2, 2, 5] }, stop: { shape: [] } } },
  );
  await compiled.dispose();
  mean.dispose();
  return sent;
}

test('a step exchanges its small gradients at once, in the type of the wire, and what may not be rounded in float32', async () => {
  expect(await sentTypes('float32')).toEqual([DataType.FLOAT, DataType.FLOAT]);
  expect(await sentTypes('bfloat16')).toEqual([DataType.FLOAT, DataType.BFLOAT16]);
});
