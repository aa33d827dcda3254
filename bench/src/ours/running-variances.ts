import type { Network } from '@bag-of-tricks/train-step';
import type * as tf from '@tensorflow/tfjs-core';

/** The running variances of a model: what its batch norms have seen, apart from what the optimiser did. */
export function runningVariances({ buffers }: Network): Record<string, tf.Variable> {
  return Object.fromEntries(
    Object.entries(buffers).filter(([name]) => /\.running_var$|\/moving_variance$/.test(name)),
  );
}

/** The sum of all numbers in all arrays. */
export function sumOfAll(arrays: Iterable<ArrayLike<number>>): number {
  let sum = 0;
  for (const values of arrays) for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
