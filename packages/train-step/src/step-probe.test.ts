import { fromTfjsOptimizer } from '@bag-of-tricks/optimizer';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import type { Network } from './network.ts';
import { stepProbe } from './step-probe.ts';
import { createTrainStep } from './train-step.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Probes a step of a linear network on images of one value. */
async function probe(pixel: number, initial = 0) {
  const weight = tf.variable(tf.fill<tf.Rank.R2>([4, 2], initial));
  const network: Network = {
    ...{ name: 'linear', parameters: { weight }, buffers: {} },
    apply: (images) => tf.matMul(tf.reshape(images, [-1, 4]), tf.clone(weight as tf.Tensor2D)),
    dispose: () => weight.dispose(),
  };
  const optimizer = fromTfjsOptimizer((rate) => tf.train.sgd(rate), network.parameters);
  const { inner, outer, take } = stepProbe(network);
  const step = createTrainStep({ network, optimizer, numClasses: 2, tricks: [inner, outer] });
  const inputs = {
    images: tf.fill<tf.Rank.R4>([2, 2, 2, 1], pixel),
    ...{ labels: tf.tensor1d([0, 1], 'int32'), learningRate: tf.scalar(0.1) },
  };
  return take(async () => step(inputs).loss.dataSync()[0]!);
}

const stagesOf = ({ stages }: Awaited<ReturnType<typeof probe>>) =>
  stages.map(({ name, nonFinite }) => [name, nonFinite]);

test('the stages of a step come in the order in which it computes them, and a finite one has no first op', async () => {
  const seen = await probe(1);
  expect(stagesOf(seen)).toEqual([
    ['weights', 0],
    ['pixels', 0],
    ['logits', 0],
    ['loss', 0],
    ['gradients', 0],
    ['gradients after tricks', 0],
    ['statistics', 0],
  ]);
  expect([seen.loss.toFixed(4), seen.first]).toEqual(['0.6931', null]);
});

test('what is not finite is counted from where it begins, the layer is named, and kernels run as before afterwards', async () => {
  const seen = await probe(Number.NaN);
  expect(stagesOf(seen).slice(0, 3)).toEqual([
    ['weights', 0],
    ['pixels', 8],
    ['logits', 4],
  ]);
  expect(seen.first).toMatchObject({ pass: 'forward' });
  expect(seen.stages[4]!.layers).toEqual(['weight']);
  expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
});

test('an op that hands on a variable is not the first: the one that computes with it is, and the variable is named', async () => {
  const { first } = await probe(1, Number.POSITIVE_INFINITY);
  expect(first).toMatchObject({ layer: 'weight', pass: 'forward' });
  expect(first!.kernel).not.toBe('Identity');
});
