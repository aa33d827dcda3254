import { createModel } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { createEvalStep } from './eval-step.ts';
import { readScalars } from './runner.ts';

beforeAll(() => tf.setBackend('cpu'));

test('rows without an image add nothing to loss or hits', { tags: ['slow'] }, async () => {
  const options = { numClasses: 7, inputChannels: 1, seed: 3, zeroGamma: false };
  const model = createModel('resnet20d', options);
  const step = createEvalStep({
    network: model,
    pixels: { mean: [120], std: [60] },
    numClasses: 7,
  });
  const pixels = tf
    .range(0, 4 * 64, 1)
    .mul(37)
    .mod(256)
    .cast('int32')
    .reshape([4, 8, 8, 1]);
  const images = pixels as tf.Tensor4D;
  const score = (labels: number[]) =>
    readScalars(() => step({ images, labels: tf.tensor1d(labels, 'int32') }));
  const before = tf.memory().numTensors;
  const whole = await score([0, 1, 2, 3]);
  const parts = [await score([0, -1, 2, -1]), await score([-1, 1, -1, 3])];
  for (const name of ['lossSum', 'top1Count', 'top5Count'] as const) {
    expect(parts[0]![name] + parts[1]![name]).toBeCloseTo(whole[name], 4);
  }
  expect(whole.top5Count).toBeGreaterThan(0);
  const { lossSum, ...hits } = await score([-1, -1, -1, -1]);
  expect(hits).toEqual({ top1Count: 0, top5Count: 0 });
  expect(Math.abs(lossSum)).toBe(0);
  expect(tf.memory().numTensors).toBe(before);
});
