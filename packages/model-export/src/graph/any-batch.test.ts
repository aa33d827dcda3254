import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { modelOf, networkOf } from '../../test/support/networks.ts';
import { inferenceGraph } from './inference-graph.ts';
import { constantOf } from './nodes.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
});

const means = (images: tf.Tensor4D) => tf.mean(images, [1, 2]) as tf.Tensor2D;

test.each([
  [
    'a normalisation over the batch',
    (x: tf.Tensor2D) => tf.mul(x, tf.fill(x.shape, 1 / x.shape[0])),
  ],
  [
    'a number for each image',
    (x: tf.Tensor2D) => tf.add(x, tf.range(0, x.shape[0], 1).reshape([x.shape[0], 1])),
  ],
  ['a pass for each image', (x: tf.Tensor2D) => tf.concat(tf.split(x, x.shape[0]).map(tf.neg))],
])('%s is refused: it knows the size of the batch', async (_, change) => {
  const network = networkOf(
    (images, weight) => change(tf.matMul(means(images), weight)) as tf.Tensor2D,
  );
  await expect(inferenceGraph(modelOf(network))).rejects.toThrow(
    /computes each image by itself, got \w+ (in layer|\(node)/,
  );
  network.dispose();
});

test('a slice of all images is one of any batch, one of the first is none', async () => {
  const sliced = (begin: number, size: (batch: number) => number) =>
    networkOf((images, weight) => {
      const x = tf.slice(images, [begin, 4, 4, 0], [size(images.shape[0]), 4, 4, 3]);
      return tf.matMul(means(x), weight);
    });
  const { nodes } = await inferenceGraph(modelOf(sliced(0, (batch) => batch)));
  const slice = Array.from(nodes.values()).find(({ op }) => op === 'Slice')!;
  expect([...constantOf(nodes.get(slice.input[2]!)!)!.values]).toEqual([-1, 4, 4, 3]);
  await expect(inferenceGraph(modelOf(sliced(1, (batch) => batch - 1)))).rejects.toThrow(
    /computes each image by itself/,
  );
});

test('a reshape that splits or joins images leaves the batch open', async () => {
  const network = networkOf((images, weight) => {
    const [batch, height, width, channels] = images.shape;
    const rows = tf.matMul(tf.reshape(images, [batch * height * width, channels]), weight);
    return tf.mean(tf.reshape(rows, [batch, height * width, 4]), 1) as tf.Tensor2D;
  });
  const { nodes } = await inferenceGraph(modelOf(network));
  const shapes = Array.from(nodes.values())
    .filter(({ op }) => op === 'Reshape')
    .map(({ input }) => [...constantOf(nodes.get(input[1]!)!)!.values]);
  expect(shapes).toEqual([
    [-1, 3],
    [-1, 256, 4],
  ]);
  network.dispose();
});
