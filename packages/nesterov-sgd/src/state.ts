import * as tf from '@tensorflow/tfjs-core';
import { listNames } from './list-names.ts';
import type { NamedVariables } from './parameters.ts';

/** Throws unless `state` holds exactly one float32 tensor of the right shape for each velocity. */
export function checkState(
  caller: string,
  velocities: NamedVariables,
  state: tf.NamedTensorMap,
): void {
  const missing = Object.keys(velocities).filter((name) => !Object.hasOwn(state, name));
  const unknown = Object.keys(state).filter((name) => !Object.hasOwn(velocities, name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new Error(
      `${caller}: expected the velocities of exactly this optimiser's ${Object.keys(velocities).length} parameters; ` +
        `missing: ${listNames(missing)}; unknown: ${listNames(unknown)}. Was the state saved for another model?`,
    );
  }
  for (const [name, velocity] of Object.entries(velocities)) {
    const tensor = state[name]!;
    if (tensor.dtype !== 'float32' || !tf.util.arraysEqual(tensor.shape, velocity.shape)) {
      throw new Error(
        `${caller}: expected the velocity of '${name}' to be float32 of shape [${velocity.shape}], ` +
          `got ${tensor.dtype} of shape [${tensor.shape}]. Was the state saved for another model?`,
      );
    }
  }
}
