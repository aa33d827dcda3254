import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { linearNetwork } from '../test/linear-network.ts';
import type { TrickParts } from './parts.ts';
import { createTrainStep, type TrainStepParts } from './train-step.ts';

beforeAll(() => tf.setBackend('cpu'));

const [pixels, numClasses] = [3, 4];
const values = [9, 200, 31, 77, 120, 250];
const labels = [2, 0];
const traits = { mean: [120], std: [60] };

/** Plain gradient descent over the network's weight. */
const descent = (weight: tf.Variable) =>
  ({
    applyGradients: (gradients: tf.NamedTensorMap, rate: tf.Scalar) =>
      tf.tidy(() => weight.assign(tf.sub(weight, tf.mul(gradients[weight.name]!, rate)))),
  }) as unknown as TrainStepParts['optimizer'];

/** Takes one step, and returns what it returned, and the weights before and after. */
function take(parts: Partial<TrainStepParts> = {}, draws: Record<string, tf.Tensor> = {}) {
  const network = linearNetwork({ pixels, numClasses });
  const weight = network.parameters.weight!;
  const before = weight.arraySync() as number[][];
  const step = createTrainStep({
    ...{ network, optimizer: descent(weight), numClasses, pixels: traits },
    ...parts,
  });
  const images = tf.tensor4d(values, [2, 1, 3, 1], 'int32');
  const batch = { images, labels: tf.tensor1d(labels, 'int32'), learningRate: tf.scalar(0.5) };
  const held = tf.memory().numTensors;
  const metrics = step({ ...batch, ...draws });
  expect(tf.memory().numTensors).toBe(held + Object.keys(metrics).length);
  const read = Object.entries(metrics).map(([name, scalar]) => [name, scalar!.dataSync()[0]!]);
  const after = weight.arraySync() as number[][];
  tf.dispose([metrics as tf.NamedTensorMap, batch, draws]);
  network.dispose();
  return { metrics: Object.fromEntries(read) as Record<string, number>, before, after };
}

/** Softmax regression by hand: the loss, and the weights after a step of 0.5. */
function byHand(before: number[][], targets: number[][], scale = 1) {
  const rows = [values.slice(0, 3), values.slice(3)].map((row) => row.map((x) => (x - 120) / 60));
  const after = before.map((row) => [...row]);
  let loss = 0;
  for (const [n, x] of rows.entries()) {
    const exps = before[0]!.map((_, k) =>
      Math.exp(x.reduce((sum, value, i) => sum + value * before[i]![k]!, 0)),
    );
    const total = exps.reduce((a, b) => a + b);
    for (const [k, e] of exps.entries()) {
      const target = targets[n]![k]!;
      loss -= (target * Math.log(e / total)) / 2;
      for (const [i, value] of x.entries())
        after[i]![k]! -= (0.5 * scale * value * (e / total - target)) / 2;
    }
  }
  return { loss, after };
}

const oneHot = labels.map((label) => Array.from({ length: numClasses }, (_, k) => +(k === label)));

const expectClose = (actual: number[][], expected: number[][]) => {
  for (const [i, row] of expected.entries())
    for (const [k, value] of row.entries()) expect(actual[i]![k]).toBeCloseTo(value, 5);
};

test('a step is that of softmax regression computed by hand, and leaves no tensor behind', () => {
  const { metrics, before, after } = take();
  const expected = byHand(before, oneHot);
  expect(metrics.loss).toBeCloseTo(expected.loss, 5);
  expect([0, 0.5, 1]).toContain(metrics.top1);
  expectClose(after, expected.after);
});

test('tricks wrap targets, the seed of the gradients and the step, with what was drawn', () => {
  const tricks: TrickParts[] = [
    {
      prepare: (inner) => (batch, at) => {
        const { images, targets } = inner(batch, at);
        return { images, targets: tf.mul(targets, at.draws.share!) as tf.Tensor2D };
      },
      gradients: (inner) => (batch, at) => inner(batch, at, tf.scalar(3)),
    },
    { step: (inner) => (batch, at) => ({ ...inner(batch, at), rate: tf.clone(at.learningRate) }) },
  ];
  const own: TrainStepParts['loss'] = (targets, logits) =>
    tf.mean(tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));
  const parts = { tricks, loss: own };
  const { metrics, before, after } = take(parts, { share: tf.scalar(1) });
  const expected = byHand(before, oneHot, 3);
  expect(metrics.loss).toBeCloseTo(expected.loss, 5);
  expect(metrics.rate).toBe(0.5);
  expectClose(after, expected.after);
  expect(take(parts, { share: tf.scalar(0.5) }).metrics.loss).toBeCloseTo(expected.loss / 2, 5);
});

test('colours are varied before pixels are normalised, where the batch has any', () => {
  const colorVariation = {
    apply: (images: tf.Tensor4D, colors: tf.Tensor2D): tf.Tensor4D =>
      tf.mul(images, tf.reshape(colors, [-1, 1, 1, 1])),
  };
  const same = take({ colorVariation }, { colors: tf.tensor2d([[1], [1]]) });
  expect(same.metrics).toEqual(take().metrics);
  expect(take({ colorVariation }).metrics).toEqual(same.metrics);
  const darker = take({ colorVariation }, { colors: tf.tensor2d([[0.5], [1]]) });
  expect(darker.metrics.loss).not.toBeCloseTo(same.metrics.loss!, 3);
});

test('a network of another number of classes is an error that says both', () => {
  expect(() => take({ numClasses: 5 })).toThrow(
    'network: expected logits of 5 classes, network linear returns 4. Give it one output a class of the dataset',
  );
});
