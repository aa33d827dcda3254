import * as tf from '@tensorflow/tfjs-core';
import { applyNetwork } from './apply-network.ts';
import type { Network } from './network.ts';
import { normalizeImages, type PixelStatistics } from './normalize-images.ts';
import type { TrickParts } from './parts.ts';
import { compose, type RawBatch, type Scores } from './stages.ts';

/** Scores one batch: tensors in, tensors out; it reads no value. A label of -1 says that the row does not count. */
export type EvalStep = (batch: RawBatch) => Scores;

/** What turns images into logits. */
export interface InferenceParts {
  readonly network: Network;
  readonly numClasses: number;
  /** Statistics that pixels are normalised by; default: images are taken as they are. */
  readonly pixels?: PixelStatistics | undefined;
}

/** What a batch is scored by. */
export interface EvalStepParts extends InferenceParts {
  readonly tricks?: readonly TrickParts[];
}

/**
 * The logits `[batch, classes]` of images `[batch, height, width, channels]`: normalised, then through the network as in evaluation.
 *
 * @example
 * ```ts
 * import { inferLogits } from '@bag-of-tricks/train-step';
 * import { createNetwork } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const options = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * const network = createNetwork('resnet20d', options);
 * const pixels = { mean: [128, 128, 128], std: [40, 40, 40] };
 * const images = tf.zeros<tf.Rank.R4>([2, 8, 8, 3], 'int32');
 * tf.softmax(inferLogits({ network, numClasses: 4, pixels }, images)).print();
 * ```
 *
 * @throws Error when the network has other classes.
 */
export function inferLogits(
  { network, numClasses, pixels }: InferenceParts,
  images: tf.Tensor4D,
): tf.Tensor2D {
  return tf.tidy(() => {
    const input = pixels ? normalizeImages(images, pixels) : images;
    return applyNetwork(network, input, { training: false, numClasses });
  });
}

/**
 * Cross-entropy against the true class, how often it is among the first one and the first five, and the probabilities of all classes.
 *
 * @example
 * ```ts
 * import { createEvalStep } from '@bag-of-tricks/train-step';
 * import { createNetwork } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const options = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * const network = createNetwork('resnet20d', options);
 * const pixels = { mean: [128, 128, 128], std: [40, 40, 40] };
 * const evaluate = createEvalStep({ network, numClasses: 4, pixels });
 * const images = tf.zeros<tf.Rank.R4>([2, 8, 8, 3], 'int32');
 * const { top1Count } = evaluate({ images, labels: tf.tensor1d([0, 3], 'int32') });
 * top1Count.print(); // how many of the two are right
 * ```
 */
export function createEvalStep({ tricks = [], ...parts }: EvalStepParts): EvalStep {
  const { numClasses } = parts;
  const evaluate = compose('evaluate', tricks, ({ images, labels }) => {
    const logits = inferLogits(parts, images);
    const oneHot = tf.oneHot(labels, numClasses, 1, 0, 'float32');
    const lossSum = tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)))) as tf.Scalar;
    const ofTrueClass = tf.sum(tf.mul(oneHot, logits), 1, true);
    // Counts in float32, exact up to 2 ** 24: a GPU would add whole numbers in host memory.
    const rank = tf.sum(tf.cast(tf.greater(logits, ofTrueClass), 'float32'), 1);
    const counts = tf.greaterEqual(tf.cast(labels, 'float32'), 0);
    const within = (k: number) => {
      const hits = tf.logicalAnd(counts, tf.less(rank, k));
      return tf.sum(tf.cast(hits, 'float32')) as tf.Scalar;
    };
    const probabilities = tf.softmax(logits);
    return { lossSum, top1Count: within(1), top5Count: within(5), probabilities };
  });
  return (batch) => tf.tidy(() => evaluate(batch));
}
