import * as tf from '@tensorflow/tfjs-core';

/** Added to the variance before the square root. */
export const BATCH_NORM_EPSILON = 1e-5;

/** The share of the old running statistics that is kept at each step. */
export const BATCH_NORM_MOMENTUM = 0.9;

export interface BatchNormVariables {
  readonly gamma: tf.Tensor1D;
  readonly beta: tf.Tensor1D;
  readonly runningMean: tf.Variable<tf.Rank.R1>;
  readonly runningVariance: tf.Variable<tf.Rank.R1>;
}

type Normalised = readonly [
  y: tf.Tensor4D,
  batchMean: tf.Tensor1D,
  unbiasedBatchVariance: tf.Tensor1D,
];

/** How processes that train together share what each knows of its part of the batch. */
export interface SharedStatistics {
  /** How many processes there are. */
  readonly size: number;
  /** The mean over all processes of a tensor that each has; of gradients too. */
  mean(values: tf.Tensor1D): tf.Tensor1D;
}

let shared: SharedStatistics | null = null;

/**
 * Runs a function in which `batchNorm`, when training, normalises by the statistics of the batches of all processes: their gradients are
 * then those of one process with the whole batch. Each layer asks `mean` once, forwards and backwards.
 *
 * ```
 * d_r  = mean_r - runningMean
 * mean = runningMean + E[d_r],   variance = E[variance_r + d_r^2] - E[d_r]^2,   E over the processes r
 * ```
 *
 * Differences to the running mean, and not the means themselves, for these may be far larger than what the variance is made of.
 *
 * @example
 * ```ts
 * import { batchNorm, withSharedStatistics } from '@bag-of-tricks/network-layers';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const variable = (value: number) => tf.variable(tf.fill<tf.Rank.R1>([2], value), false);
 * const [runningMean, runningVariance] = [variable(0), variable(1)];
 * const variables = { gamma: tf.ones<tf.Rank.R1>([2]), beta: tf.zeros<tf.Rank.R1>([2]), runningMean, runningVariance };
 * const x = tf.randomNormal<tf.Rank.R4>([4, 3, 3, 2], 0, 1, 'float32', 7);
 * // A process by itself, whose mean over all is its own.
 * const y = withSharedStatistics({ size: 1, mean: (values) => tf.clone(values) }, () =>
 *   tf.tidy(() => batchNorm(x, variables, { training: true })),
 * );
 * tf.mean(y).print(); // 0
 * ```
 *
 * Source: Zhang et al. 2018, "Context Encoding for Semantic Segmentation" (synchronised batch normalisation).
 */
export function withSharedStatistics<T>(statistics: SharedStatistics, run: () => T): T {
  const before = shared;
  shared = statistics;
  try {
    return run();
  } finally {
    shared = before;
  }
}

const valuesPerChannel = (x: tf.Tensor4D) => x.size / x.shape[3];

/** One fused kernel where the backend has it: `@bag-of-tricks/libtensorflow` registers it together with its gradient. */
const FUSED_KERNEL = 'FusedBatchNormV3';

function normaliseFused(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): Normalised {
  const outputs: unknown = tf
    .engine()
    .runKernel(FUSED_KERNEL, { x, scale, offset }, { epsilon, training: true });
  return outputs as Normalised;
}

function normaliseComposed(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): Normalised {
  const count = valuesPerChannel(x);
  const moments = tf.moments(x, [0, 1, 2]);
  const mean = moments.mean as tf.Tensor1D;
  const variance = moments.variance as tf.Tensor1D;
  const y = tf.batchNorm(x, mean, variance, offset, scale, epsilon) as tf.Tensor4D;
  return [y, mean, tf.mul(variance, count / (count - 1))];
}

function normaliseShared(
  x: tf.Tensor4D,
  { gamma, beta, runningMean }: BatchNormVariables,
  epsilon: number,
  { size, mean: meanOfAll }: SharedStatistics,
): Normalised {
  const own = tf.moments(x, [0, 1, 2]);
  // The variable's value now: its update comes later.
  const origin = tf.clone(runningMean);
  const difference = tf.sub(own.mean, origin);
  const mean = tf.customGrad((values) => ({
    value: meanOfAll(values as tf.Tensor1D),
    gradFunc: (dy) => meanOfAll(dy as tf.Tensor1D),
  }));
  const [shift, square] = tf.split(
    mean(tf.concat([difference, tf.add(own.variance, tf.square(difference))] as tf.Tensor1D[])),
    2,
  ) as [tf.Tensor1D, tf.Tensor1D];
  // Rounding can make the difference of two equal numbers negative.
  const variance: tf.Tensor1D = tf.relu(tf.sub(square, tf.square(shift)));
  const batchMean: tf.Tensor1D = tf.add(origin, shift);
  const y = tf.batchNorm(x, batchMean, variance, beta, gamma, epsilon) as tf.Tensor4D;
  const count = size * valuesPerChannel(x);
  return [y, batchMean, tf.mul(variance, count / (count - 1))];
}

function updateRunning(running: tf.Variable<tf.Rank.R1>, batch: tf.Tensor1D): void {
  running.assign(
    tf.add(tf.mul(running, BATCH_NORM_MOMENTUM), tf.mul(batch, 1 - BATCH_NORM_MOMENTUM)),
  );
}

function trainingBatchNorm(
  x: tf.Tensor4D,
  variables: BatchNormVariables,
  epsilon: number,
): tf.Tensor4D {
  const { gamma, beta, runningMean, runningVariance } = variables;
  if (valuesPerChannel(x) < 2) {
    throw new RangeError(
      'batchNorm: expected more than one value per channel when training, ' +
        `got shape [${x.shape}]. Use a batch of at least 2 or larger images.`,
    );
  }
  const normalise = tf.getKernel(FUSED_KERNEL, tf.getBackend())
    ? normaliseFused
    : normaliseComposed;
  const [y, mean, variance] = shared
    ? normaliseShared(x, variables, epsilon, shared)
    : normalise(x, gamma, beta, epsilon);
  updateRunning(runningMean, mean);
  updateRunning(runningVariance, variance);
  return y;
}

/**
 * Batch normalisation over batch, height and width: y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, epsilon 1e-5 by
 * default.
 *
 * When training, mean and (biased) variance are the batch's, and the running statistics become
 * 0.9 * running + 0.1 * batch, with the unbiased variance, as PyTorch does; within `withSharedStatistics` the batch is that of all
 * processes. Otherwise they are the running ones.
 * Call it inside `tf.tidy`.
 *
 * @throws RangeError when training on one value per channel, which has no variance.
 */
export function batchNorm(
  x: tf.Tensor4D,
  variables: BatchNormVariables,
  {
    training,
    epsilon = BATCH_NORM_EPSILON,
  }: { readonly training: boolean; readonly epsilon?: number | undefined },
): tf.Tensor4D {
  if (training) return trainingBatchNorm(x, variables, epsilon);
  const { gamma, beta, runningMean, runningVariance } = variables;
  return tf.batchNorm(x, runningMean, runningVariance, beta, gamma, epsilon) as tf.Tensor4D;
}
