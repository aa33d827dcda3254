import type * as tf from '@tensorflow/tfjs-core';
import type { TrickParts } from './parts.ts';

/** A batch as it is loaded: int32 pixels `[batch, height, width, channels]` and int32 classes `[batch]`. */
export interface RawBatch {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
  /** What was drawn for the colours of each image, where the dataset varies them. */
  readonly colors?: tf.Tensor2D;
}

/** What the network is trained on: float32 images, and targets `[batch, classes]` whose rows sum to 1. */
export interface Example {
  readonly images: tf.Tensor4D;
  readonly targets: tf.Tensor2D;
}

/** What differs from step to step besides the batch, all of it inputs of the graph. */
export interface At {
  readonly learningRate: tf.Scalar;
  /** What the tricks drew on the host for this step, by name. */
  readonly draws: Readonly<Record<string, tf.Tensor>>;
}

/** Scalars that a step returns; those that tricks add reach the logs through `columns`. */
export type Metrics = {
  readonly loss: tf.Scalar;
  /** Share of the batch whose highest logit is the target's highest class, in [0, 1]. */
  readonly top1: tf.Scalar;
  /** Whether the step changed nothing; its loss may then be NaN. */
  readonly skipped?: tf.Scalar;
  /** Share of the processes that were asked to stop, in [0, 1]. */
  readonly stopping?: tf.Scalar;
  readonly [name: string]: tf.Scalar | undefined;
};

/** The numbers of `Metrics` and of the draws, by name. */
export type Values = Readonly<Record<string, number>>;

/** The loss of a batch with the logits that it was computed from. */
export interface Scored {
  readonly loss: tf.Scalar;
  readonly logits: tf.Tensor2D;
}

/** Gradients by the names of their variables, with the scalars of the batch. */
export interface Differentiated {
  readonly gradients: tf.NamedTensorMap;
  readonly metrics: Metrics;
}

/** Sums over the images of a batch, so that batches of different sizes add up, and each image's probabilities. */
export type Scores = {
  readonly lossSum: tf.Scalar;
  readonly top1Count: tf.Scalar;
  readonly top5Count: tf.Scalar;
  /** The softmax of the logits, `[batch, classes]`. */
  readonly probabilities: tf.Tensor2D;
};

/**
 * A step is a nest of pure functions, and a trick may wrap each of them. They run once, when the step is traced: a wrapper costs
 * nothing at run time but the ops that it adds.
 */
export interface Stages {
  /** From bytes and classes to what the network is trained on. */
  prepare(batch: RawBatch, at: At): Example;
  /** What is computed before the returned function is called, such as a teacher's logits, is not differentiated. */
  loss(example: Example, at: At): () => Scored;
  /** `seed` is the gradient that the backward pass begins with; without it, 1. */
  gradients(batch: RawBatch, at: At, seed?: tf.Scalar): Differentiated;
  /** Everything: gradients, the optimiser's update, and what comes after it. */
  step(batch: RawBatch, at: At): Metrics;
  /** The scores of a batch of evaluation images; labels of -1 count in no sum. */
  evaluate(batch: RawBatch): Scores;
}

/** From a stage to one of the same type around it. */
export type Wrap<Stage> = (inner: Stage) => Stage;

/**
 * A stage with what each trick wraps around it, the first trick innermost.
 *
 * @example
 * ```ts
 * import { compose, type TrickParts } from '@bag-of-tricks/train-step';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const brighter: TrickParts = {
 *   prepare: (inner) => (batch, at) => {
 *     const { images, targets } = inner(batch, at);
 *     return { images: tf.add(images, 10), targets };
 *   },
 * };
 * const prepare = compose('prepare', [brighter], ({ images, labels }) => ({
 *   images: tf.cast(images, 'float32'),
 *   targets: tf.oneHot(labels, 4) as tf.Tensor2D,
 * }));
 * const batch = { images: tf.zeros<tf.Rank.R4>([1, 2, 2, 3]), labels: tf.tensor1d([3], 'int32') };
 * prepare(batch, { learningRate: tf.scalar(0.1), draws: {} }).images.print();
 * ```
 */
export function compose<Name extends keyof Stages>(
  name: Name,
  tricks: readonly TrickParts[],
  core: Stages[Name],
): Stages[Name] {
  const wraps = tricks.flatMap((trick) => (trick[name] as Wrap<Stages[Name]> | undefined) ?? []);
  return wraps.reduce((inner, wrap) => wrap(inner), core);
}
