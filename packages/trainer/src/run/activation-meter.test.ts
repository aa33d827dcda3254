import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { activationMeter } from './activation-meter.ts';

beforeAll(async () => void (await registerTensorFlowBackend()));

test('the largest result of an op is that of an image, whatever part of a batch a pass sees', () => {
  for (const batch of [2, 8]) {
    const { wrap, kept, largestOfImage } = activationMeter();
    const images = tf.ones<tf.Rank.R4>([batch, 4, 4, 3]);
    const targets = tf.ones<tf.Rank.R2>([batch, 2]);
    const kernel = tf.variable(tf.ones<tf.Rank.R4>([1, 1, 3, 5]));
    const score = () => {
      const loss = tf.sum(tf.square(tf.conv2d(images, kernel, 1, 'same'))) as tf.Scalar;
      return { loss, logits: targets };
    };
    const wrapped = wrap.loss!(() => score)({ images, targets }, { draws: {} } as never);
    tf.dispose(tf.variableGrads(() => wrapped().loss, [kernel]));
    expect(largestOfImage()).toBe(4 * 4 * 4 * 5);
    expect(kept()).toBeGreaterThanOrEqual(batch * largestOfImage());
    tf.dispose([images, targets, kernel]);
  }
});
