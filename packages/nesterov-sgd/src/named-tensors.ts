import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables, Parameter } from './parameters.ts';

/**
 * The gradient of each parameter, in the parameters' order, found by variable name or by stable name.
 * Shapes are compared here because broadcasting would make a wrong one pass; values are not read.
 */
export function resolveGradients(
  caller: string,
  parameters: readonly Parameter[],
  gradients: tf.NamedTensorMap,
): tf.Tensor[] {
  const used = new Set<string>();
  const ordered = parameters.map(({ name, variable }) => {
    const key = Object.hasOwn(gradients, variable.name) ? variable.name : name;
    const gradient = Object.hasOwn(gradients, key) ? gradients[key] : undefined;
    if (!(gradient instanceof tf.Tensor)) {
      throw new Error(
        `${caller}: expected a gradient for '${name}' (variable '${variable.name}'), got ${gradient === null ? 'null' : typeof gradient}. ` +
          'Does the loss depend on it? If not, leave it out of the optimiser.',
      );
    }
    if (gradient.dtype !== 'float32' || !tf.util.arraysEqual(gradient.shape, variable.shape)) {
      throw new Error(
        `${caller}: expected the gradient of '${name}' to be float32 of shape [${variable.shape}], ` +
          `got ${gradient.dtype} of shape [${gradient.shape}]. Pass the gradient of this variable.`,
      );
    }
    used.add(key);
    return gradient;
  });
  const unknown = Object.keys(gradients).filter((key) => !used.has(key));
  if (unknown.length > 0) {
    throw new Error(
      `${caller}: expected gradients of this optimiser's parameters only, got also ${listNames(unknown)}. ` +
        'Pass the variables as the second argument of tf.variableGrads, or add them to the optimiser.',
    );
  }
  return ordered;
}

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

/** At most three names, quoted, for an error message. */
function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, 3).map((name) => `'${name}'`);
  return shown.join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
}
