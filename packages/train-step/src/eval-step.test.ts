import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { linearNetwork } from '../test/linear-network.ts';
import { createEvalStep } from './eval-step.ts';

beforeAll(() => tf.setBackend('cpu'));

const images = () =>
  tf.range(0, 16, 1).mul(37).mod(256).cast('int32').reshape([4, 2, 2, 1]) as tf.Tensor4D;

test('rows without an image add nothing to loss or hits', () => {
  const network = linearNetwork({ pixels: 4, numClasses: 7 });
  const step = createEvalStep({ network, pixels: { mean: [120], std: [60] }, numClasses: 7 });
  const score = (labels: number[]) => {
    const scores = tf.tidy(() => step({ images: images(), labels: tf.tensor1d(labels, 'int32') }));
    const { probabilities: _, ...sums } = scores;
    const numbers = Object.entries(sums).map(([name, scalar]) => [name, scalar.dataSync()[0]!]);
    tf.dispose(scores);
    return Object.fromEntries(numbers) as Record<keyof typeof sums, number>;
  };
  const before = tf.memory().numTensors;
  const whole = score([0, 1, 2, 3]);
  const parts = [score([0, -1, 2, -1]), score([-1, 1, -1, 3])];
  for (const name of ['lossSum', 'top1Count', 'top5Count'] as const) {
    expect(parts[0]![name] + parts[1]![name]).toBeCloseTo(whole[name], 4);
  }
  expect(whole.top5Count).toBeGreaterThan(0);
  const { lossSum, ...hits } = score([-1, -1, -1, -1]);
  expect(hits).toEqual({ top1Count: 0, top5Count: 0 });
  expect(Math.abs(lossSum)).toBe(0);
  expect(tf.memory().numTensors).toBe(before);
  network.dispose();
});

test('the label is among the first k when fewer than k logits are larger', () => {
  // Logits are the pixels themselves: six classes in falling order.
  const network = linearNetwork({ pixels: 6, numClasses: 6, weight: tf.eye(6) });
  const evaluate = createEvalStep({ network, numClasses: 6 });
  const rows = Array.from({ length: 6 }, () => [6, 5, 4, 3, 2, 1]).flat();
  const scores = evaluate({
    images: tf.tensor4d(rows, [6, 1, 6, 1]),
    labels: tf.tensor1d([0, 1, 2, 3, 4, 5], 'int32'),
  });
  expect(scores.top1Count.dataSync()[0]).toBe(1);
  expect(scores.top5Count.dataSync()[0]).toBe(5);
  // Six times the logarithm of the sum of exponentials, less the logits of all classes.
  const logSum = Math.log([6, 5, 4, 3, 2, 1].reduce((sum, x) => sum + Math.exp(x), 0));
  expect(scores.lossSum.dataSync()[0]).toBeCloseTo(6 * logSum - 21, 4);
  const first = Array.from(scores.probabilities.dataSync().slice(0, 6));
  const sum = [6, 5, 4, 3, 2, 1].reduce((total, x) => total + Math.exp(x), 0);
  first.forEach((p, i) => {
    expect(p).toBeCloseTo(Math.exp(6 - i) / sum, 6);
  });
  tf.dispose(scores);
  network.dispose();
});
