import { bceLoss, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import type * as tf from '@tensorflow/tfjs-core';

/** The loss of a batch: a scalar of targets and logits, both `[batch, classes]`. */
export type LossFunction = (targets: tf.Tensor2D, logits: tf.Tensor2D) => tf.Scalar;

/** Losses by their names in a recipe: cross-entropy on soft targets, and the binary one of each class. */
export const losses = {
  'cross-entropy': (targets, logits) => softmaxCrossEntropy(targets, logits),
  bce: (targets, logits) => bceLoss(targets, logits),
} as const satisfies Readonly<Record<string, LossFunction>>;
