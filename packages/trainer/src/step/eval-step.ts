import type { ResNet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import { normalizeImages, type PixelStatistics } from './normalize.ts';

/** Sums over a batch, so that batches of different sizes add up. */
export type EvalStepOutputs = {
  readonly lossSum: tf.Scalar;
  readonly top1Count: tf.Scalar;
  readonly top5Count: tf.Scalar;
};

/** What a batch is scored on: int32 pixels `[batch, height, width, channels]` and int32 classes `[batch]`, -1 where a row does not count. */
export interface EvalStepInputs {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
}

/** Scores one batch: tensors in, tensors out; it reads no value. */
export type EvalStep = (inputs: EvalStepInputs) => EvalStepOutputs;

/** Cross-entropy against the true class, and how often it is among the first one and the first five. */
export function createEvalStep({
  model,
  pixels,
  numClasses,
}: {
  readonly model: ResNet;
  readonly pixels: PixelStatistics;
  readonly numClasses: number;
}): EvalStep {
  return ({ images, labels }) =>
    tf.tidy(() => {
      const logits = model.apply(normalizeImages(images, pixels), { training: false });
      const oneHot = tf.cast(tf.oneHot(labels, numClasses), 'float32');
      const lossSum = tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)))) as tf.Scalar;
      const ofTrueClass = tf.sum(tf.mul(oneHot, logits), 1, true);
      const rank = tf.sum(tf.cast(tf.greater(logits, ofTrueClass), 'int32'), 1);
      const counts = tf.greaterEqual(labels, tf.scalar(0, 'int32'));
      const within = (k: number) => {
        const hits = tf.logicalAnd(counts, tf.less(rank, tf.scalar(k, 'int32')));
        return tf.sum(tf.cast(hits, 'int32')) as tf.Scalar;
      };
      return { lossSum, top1Count: within(1), top5Count: within(5) };
    });
}
