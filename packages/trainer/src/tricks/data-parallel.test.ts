import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { type Binding, DataType } from '@bag-of-tricks/libtensorflow/native';
import type { RunContext, Stages } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { tricks } from './index.ts';

interface Sent {
  readonly type: number;
  readonly size: number;
  readonly timeout: unknown;
}

/** What a step of two processes exchanges, of gradients of these shapes, by the last one first, and a running mean; it is traced, and not run. */
async function sentBy(
  wire: 'float32' | 'bfloat16',
  shapes: readonly (readonly number[])[] = Array<number[]>(40).fill([1, 2, 2, 5]),
): Promise<Sent[]> {
  await registerTensorFlowBackend();
  const mean = tf.tidy(() => tf.variable(tf.zeros([5]), false));
  const network = { name: 'mine', parameters: {}, buffers: { mean } };
  const processes = { rank: 0, size: 2, timeout: 7, isToStop: () => false };
  const { settings, definition } = tricks.dataParallel({ wire });
  const parts = await definition.build!(settings, { network, processes } as unknown as RunContext);
  const sent: Sent[] = [];
  const inner: Stages['gradients'] = ({ images }) => {
    mean.assign(tf.mean(images, [0, 1, 2]) as tf.Tensor1D);
    const gradients = shapes.map(
      (shape, i) => [`w${i}`, tf.mul(tf.zeros([...shape]), tf.sum(images))] as const,
    );
    const scalar = tf.sum(images) as tf.Scalar;
    return { gradients: Object.fromEntries(gradients), metrics: { loss: scalar, top1: scalar } };
  };
  const compiled = await compile(
    ({ images, stop }) => {
      const backend = tf.backend() as unknown as { binding: Binding };
      const { binding } = backend;
      const executeOp: Binding['executeOp'] = (name, attributes, ...others) => {
        const outputs = binding.executeOp(name, attributes, ...others);
        if (name === 'CollectiveReduceV2') {
          const [{ dtype, shape }] = outputs as [(typeof outputs)[0]];
          const timeout = attributes.find((one) => one.name === 'timeout_seconds')!.value;
          sent.push({ type: dtype, size: tf.util.sizeFromShape([...shape]), timeout });
        }
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
  // Of a mean of 5, the loss, top-1 and the wish to stop, then of the gradients.
  const [scalars, gradients] = [{ type: DataType.FLOAT, size: 8 }, { size: 40 * 20 }];
  // A minute after `together`.
  const timeout = 7 + 60;
  expect(await sentBy('float32')).toEqual([
    { ...scalars, timeout },
    { ...gradients, type: DataType.FLOAT, timeout },
  ]);
  expect(await sentBy('bfloat16')).toEqual([
    { ...scalars, timeout },
    { ...gradients, type: DataType.BFLOAT16, timeout },
  ]);
});

test('gradients of more than 8 MiB are exchanged in buckets, those of the last layer first', async () => {
  const sent = await sentBy('float32', [[3], [2 ** 20], [2 ** 20], [7]]);
  expect(sent.slice(1).map(({ size }) => size)).toEqual([7 + 2 ** 21, 3]);
});
