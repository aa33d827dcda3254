import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { fromLayersModel, type Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { modelOf } from '../../test/support/networks.ts';
import { runGraph } from '../../test/support/run-graph.ts';
import { probeOf } from '../probe.ts';
import { inferenceGraph } from './inference-graph.ts';
import type { Graph } from './nodes.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
});

const random = (shape: number[], seed: number, mean = 0) =>
  tf.randomUniform(shape, mean - 0.5, mean + 0.5, 'float32', seed);

interface Layers {
  readonly kernel: tf.Tensor4D;
  readonly norm: (x: tf.Tensor4D) => tf.Tensor4D;
}

/** Convolutions of 3 channels to 4, of one kernel, with batch norms; the means of what `maps` returns are the logits. */
function convolutions(
  maps: (x: tf.Tensor4D, layers: Layers) => tf.Tensor,
  channels: 1 | 3 = 3,
): Network {
  const kernel = tf.variable(random([3, 3, channels, 4], 1)) as tf.Variable<tf.Rank.R4>;
  const [mean, variance, offset, scale] = [0, 1, 0, 1].map((center, i) =>
    tf.variable(random([4], i + 2, center)),
  );
  const norm = (x: tf.Tensor4D) =>
    tf.batchNorm(
      x,
      mean as never,
      variance as never,
      offset as never,
      scale as never,
      1e-3,
    ) as tf.Tensor4D;
  return {
    ...{
      name: 'own',
      parameters: { 'conv.weight': kernel, 'bn.weight': scale!, 'bn.bias': offset! },
    },
    buffers: { 'bn.mean': mean!, 'bn.variance': variance! },
    apply: (x) =>
      tf.tidy(() => tf.mul(tf.mean(maps(x, { kernel, norm }), [1, 2]), 4) as tf.Tensor2D),
    dispose: () => tf.dispose([kernel, mean!, variance!, offset!, scale!]),
  };
}

const count = ({ nodes }: Graph, op: RegExp) =>
  Array.from(nodes.values()).filter((one) => op.test(one.op)).length;
const cases: [string, () => Network, Record<string, number>][] = [
  [
    'a batch norm goes into the convolution before it, the deviation of the pixels into the first, padded one',
    () => convolutions((x, { kernel, norm }) => norm(tf.conv2d(x, kernel, 1, 'same'))),
    { BatchNorm: 0, BiasAdd: 1, '^Mul$': 1 },
  ],
  [
    'a grey picture has one channel of it',
    () => convolutions((x, { kernel, norm }) => norm(tf.conv2d(x, kernel, 2, 'valid')), 1),
    { BatchNorm: 0, '^Mul$': 1 },
  ],
  [
    'the bias of a convolution goes with it',
    () =>
      convolutions((x, { kernel, norm }) =>
        norm(tf.add(tf.conv2d(x, kernel, 1, 'valid'), [1, -2, 3, 0.5])),
      ),
    { BatchNorm: 0, BiasAdd: 1 },
  ],
  [
    'a bias that gives one channel more of them is no bias of the convolution',
    () =>
      convolutions((x, { kernel, norm }) => {
        const one = tf.conv2d(x, tf.slice(kernel, [0, 0, 0, 0], [3, 3, 3, 1]), 1, 'same');
        return norm(tf.add(one, [1, -2, 3, 0.5]));
      }),
    { BatchNorm: 1 },
  ],
  [
    'a convolution that is also used without its batch norm stays, and so does the batch norm',
    () =>
      convolutions((x, { kernel, norm }) => {
        const y = tf.conv2d(x, kernel, 1, 'same');
        return tf.add(norm(y), tf.relu(y));
      }),
    { BatchNorm: 1, BiasAdd: 0 },
  ],
  [
    'two convolutions of one kernel get a kernel each',
    () =>
      convolutions((x, { kernel, norm }) =>
        tf.add(norm(tf.conv2d(x, kernel, 1, 'same')), tf.relu(tf.conv2d(x, kernel, 1, 'same'))),
      ),
    // The pixels go two ways.
    { BatchNorm: 0, BiasAdd: 1, '^Mul$': 2 },
  ],
  [
    'a first convolution whose kernel another one has too stays',
    () =>
      convolutions((x, { kernel }) => {
        const y = tf.slice(tf.conv2d(x, kernel, 1, 'same'), [0, 0, 0, 0], [-1, -1, -1, 3]);
        return tf.conv2d(tf.relu(y as tf.Tensor4D), kernel, 1, 'same');
      }),
    { Conv2D: 2, '^Mul$': 2 },
  ],
  [
    'a batch norm of the pixels has no convolution before it',
    () =>
      fromLayersModel(
        tf.sequential({
          layers: [
            tf.layers.batchNormalization({ inputShape: [16, 16, 3] }),
            tf.layers.flatten(),
            tf.layers.dense({ units: 4 }),
          ],
        }),
      ),
    { BatchNorm: 1 },
  ],
];

test.each(cases)('%s', async (_, create, ops) => {
  const network = create();
  const [, , channels] = network.parameters['conv.weight']?.shape.slice(0, 3) ?? [];
  const model = modelOf(network, channels === 1 ? 1 : 3);
  const graph = await inferenceGraph(model);
  const { probability, sameTop1 } = await probeOf(model).compare(
    runGraph(graph, (await registerTensorFlowBackend()).api),
  );
  expect(probability).toBeLessThan(1e-5);
  expect(sameTop1).toBe(1);
  for (const [op, times] of Object.entries(ops))
    expect(count(graph, new RegExp(op)), op).toBe(times);
  network.dispose();
});
