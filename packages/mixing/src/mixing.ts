import { type Random, sampleBeta } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';

/** lam * x_i + (1 - lam) * x_j in FP32. */
export function blend<T extends tf.Tensor>(xi: T, xj: T, lam: number | tf.Scalar): T {
  const rest = typeof lam === 'number' ? 1 - lam : tf.sub(1, lam);
  return tf.add(tf.mul(lam, tf.cast(xi, 'float32')), tf.mul(rest, tf.cast(xj, 'float32')));
}

/**
 * Which example each one is mixed with: `'reversed'` (example i with batch - 1 - i), or the partner's index for
 * each example, every index once. A tensor is 1-D int32 and is not read, so it may be an input of a compiled graph.
 */
export type Partners = 'reversed' | readonly number[] | Int32Array | tf.Tensor1D;

/** Checks the partners and puts indices into a tensor; call it inside `tf.tidy`. */
export function resolvePartners(
  caller: string,
  permutation: Partners,
  batch: number,
): 'reversed' | tf.Tensor1D {
  if (permutation === 'reversed') return permutation;
  if (permutation instanceof tf.Tensor) {
    if (permutation.dtype !== 'int32' || permutation.rank !== 1 || permutation.size !== batch) {
      throw new TypeError(
        `${caller}: expected a permutation tensor of dtype int32 and shape [${batch}], got ${permutation.dtype} [${permutation.shape}]. Pass tf.tensor1d(permutation(${batch}, random), 'int32').`,
      );
    }
    return permutation;
  }
  const indices = Array.from(permutation);
  const seen = new Set(indices.filter((i) => Number.isInteger(i) && i >= 0 && i < batch));
  if (indices.length !== batch || seen.size !== batch) {
    throw new RangeError(
      `${caller}: expected permutation to hold each of 0 to ${batch - 1} once, got [${indices.slice(0, 8)}${indices.length > 8 ? ', ...' : ''}] (${indices.length} entries). Pass permutation(${batch}, random).`,
    );
  }
  return tf.tensor1d(indices, 'int32');
}

/** x_j for each x_i. */
export function takePartners<T extends tf.Tensor>(x: T, partners: 'reversed' | tf.Tensor1D): T {
  return partners === 'reversed' ? tf.reverse(x, 0) : tf.gather(x, partners);
}

/** lam ~ Beta(alpha, alpha); alpha 0 means no mixing, lam = 1, as in the reference code. */
export function drawLambda(caller: string, alpha: number, random: Random | undefined): number {
  if (alpha === 0) return 1;
  if (!(alpha > 0 && Number.isFinite(alpha))) {
    throw new RangeError(
      `${caller}: expected alpha to be a finite number >= 0, got ${String(alpha)}. The paper uses 0.2.`,
    );
  }
  return sampleBeta(alpha, alpha, requireRandom(caller, 'lambda', random));
}

/** Refuses numbers outside [0, 1] and tensors that are not one float. */
export function checkLambda(caller: string, lambda: number | tf.Scalar): void {
  if (lambda instanceof tf.Tensor) {
    if (lambda.rank === 0 && lambda.dtype === 'float32') return;
    throw new TypeError(
      `${caller}: expected lambda to be a number or a float32 scalar, got ${lambda.dtype} [${lambda.shape}]. One lambda serves the whole batch.`,
    );
  }
  if (!(lambda >= 0 && lambda <= 1)) {
    throw new RangeError(
      `${caller}: expected lambda to be a number from 0 to 1, got ${String(lambda)}. It is the share of each example itself.`,
    );
  }
}

/** The generator, or an error that says which value would have to be drawn. */
export function requireRandom(caller: string, missing: string, random: Random | undefined): Random {
  if (random === undefined) {
    throw new TypeError(
      `${caller}: expected random, because no ${missing} was given, got undefined. Pass random: seededRandom(seed), or ${missing}.`,
    );
  }
  return random;
}

/** Refuses inputs and labels that cannot be mixed. */
export function checkBatch(
  caller: string,
  inputs: tf.Tensor,
  labels: tf.Tensor,
): asserts labels is tf.Tensor2D {
  if (inputs.rank < 1 || inputs.shape[0] === 0) {
    throw new RangeError(
      `${caller}: expected inputs of shape [batch, ...] with at least one example, got [${inputs.shape}]. Put the batch first.`,
    );
  }
  checkNumeric(caller, 'inputs', inputs);
  checkNumeric(caller, 'labels', labels);
  const isSparse = labels.rank === 1 || (labels.dtype === 'int32' && labels.shape[1] === 1);
  if (isSparse) {
    throw new TypeError(
      `${caller}: expected soft labels of shape [batch, classes], got class indices [${labels.shape}]. Call tf.oneHot(labels, classes) or smoothLabels first: an index cannot be mixed.`,
    );
  }
  if (labels.rank !== 2 || labels.shape[0] !== inputs.shape[0]) {
    throw new RangeError(
      `${caller}: expected labels of shape [${inputs.shape[0]}, classes] to fit inputs [${inputs.shape}], got [${labels.shape}]. Give one row of labels for each input.`,
    );
  }
}

function checkNumeric(caller: string, name: string, tensor: tf.Tensor): void {
  if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32') {
    throw new TypeError(
      `${caller}: expected ${name} of dtype float32 or int32, got ${tensor.dtype}. Cast them with tf.cast(${name}, 'float32').`,
    );
  }
}
