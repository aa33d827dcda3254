import type { NamedParts } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';

/** Says what the forward pass of a training step keeps for its backward pass. */
export interface ActivationMeter {
  readonly wrap: NamedParts;
  /** Bytes, of the largest pass that was traced or taken so far; 0 before the first. */
  readonly bytes: () => number;
}

/**
 * Counts the tensors that are left when the loss is computed: TensorFlow.js keeps those, and only those, that a gradient needs. Symbols
 * count as what they stand for, so a trace knows the bytes before anything is computed.
 */
export function activationMeter(): ActivationMeter {
  let most = 0;
  const wrap: NamedParts = {
    name: 'activations',
    loss:
      (inner) =>
      (...given) => {
        const score = inner(...given);
        return () => {
          const before = tf.memory().numBytes;
          const scored = score();
          most = Math.max(most, tf.memory().numBytes - before);
          return scored;
        };
      },
  };
  return { wrap, bytes: () => most };
}
