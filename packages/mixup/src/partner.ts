import * as tf from '@tensorflow/tfjs-core';

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

/** x_j for each x_i. A gather copies whole examples; TensorFlow's reverse on a CPU goes element by element and takes longer. */
export function takePartners<T extends tf.Tensor>(x: T, partners: 'reversed' | tf.Tensor1D): T {
  const batch = x.shape[0]!;
  return tf.gather(x, partners === 'reversed' ? tf.range(batch - 1, -1, -1, 'int32') : partners);
}
