import type { NamedParts } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';

/** Says what the forward passes of training steps take, in bytes of the largest that was traced or taken so far; 0 before the first. */
export interface ActivationMeter {
  readonly wrap: NamedParts;
  /** What a pass keeps for its backward pass. */
  readonly kept: () => number;
  /** The largest result of an op, for each image of the pass. */
  readonly largestOfImage: () => number;
}

/**
 * Counts the tensors that are left when the loss is computed: TensorFlow.js keeps those, and only those, that a gradient needs. Symbols
 * count as what they stand for, so a trace knows the bytes before anything is computed.
 */
export function activationMeter(): ActivationMeter {
  let [kept, largestOfImage] = [0, 0];
  const wrap: NamedParts = {
    name: 'activations',
    loss:
      (inner) =>
      (...given) => {
        const score = inner(...given);
        return () => {
          const before = tf.memory().numBytes;
          const scored = score();
          kept = Math.max(kept, tf.memory().numBytes - before);
          const results = tf.engine().state.activeTape?.flatMap(({ outputs }) => outputs) ?? [];
          const largest = results.reduce((most, { size }) => Math.max(most, 4 * size), 0);
          largestOfImage = Math.max(largestOfImage, largest / given[0].images.shape[0]);
          return scored;
        };
      },
  };
  return { wrap, kept: () => kept, largestOfImage: () => largestOfImage };
}
