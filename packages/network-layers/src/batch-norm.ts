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

function updateRunning(running: tf.Variable<tf.Rank.R1>, batch: tf.Tensor1D): void {
  running.assign(
    tf.add(tf.mul(running, BATCH_NORM_MOMENTUM), tf.mul(batch, 1 - BATCH_NORM_MOMENTUM)),
  );
}

function trainingBatchNorm(
  x: tf.Tensor4D,
  { gamma, beta, runningMean, runningVariance }: BatchNormVariables,
  epsilon: number,
): tf.Tensor4D {
  if (valuesPerChannel(x) < 2) {
    throw new RangeError(
      'batchNorm: expected more than one value per channel when training, ' +
        `got shape [${x.shape}]. Use a batch of at least 2 or larger images.`,
    );
  }
  const normalise = tf.getKernel(FUSED_KERNEL, tf.getBackend())
    ? normaliseFused
    : normaliseComposed;
  const [y, mean, variance] = normalise(x, gamma, beta, epsilon);
  updateRunning(runningMean, mean);
  updateRunning(runningVariance, variance);
  return y;
}

/**
 * Batch normalisation over batch, height and width: y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, epsilon 1e-5 by
 * default.
 *
 * When training, mean and (biased) variance are the batch's, and the running statistics become
 * 0.9 * running + 0.1 * batch, with the unbiased variance, as PyTorch does. Otherwise they are the running ones.
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
