import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables, Parameter } from './parameters.ts';

/** The tensor must be float32 and have the variable's shape: broadcasting would make a wrong one pass. */
function checkLike(caller: string, what: string, tensor: tf.Tensor, variable: tf.Variable): void {
  if (tensor.dtype !== 'float32' || !tf.util.arraysEqual(tensor.shape, variable.shape)) {
    throw new Error(
      `${caller}: expected ${what} to be float32 of shape [${variable.shape}], ` +
        `got ${tensor.dtype} of shape [${tensor.shape}]. Does it belong to another model?`,
    );
  }
}

/** The gradient of each parameter, in the parameters' order, found by variable name or by stable name. Values are not read. */
export function resolveGradients(
  caller: string,
  parameters: readonly Parameter[],
  gradients: tf.NamedTensorMap,
): tf.Tensor[] {
  const unused = new Set(Object.keys(gradients));
  const ordered = parameters.map(({ name, variable }) => {
    const key = Object.hasOwn(gradients, variable.name) ? variable.name : name;
    const gradient = Object.hasOwn(gradients, key) ? gradients[key] : undefined;
    if (!(gradient instanceof tf.Tensor)) {
      throw new Error(
        `${caller}: expected a gradient for '${name}' (variable '${variable.name}'), got ${gradient === null ? 'null' : typeof gradient}. ` +
          'Does the loss depend on it? If not, leave it out of the optimiser.',
      );
    }
    checkLike(caller, `the gradient of '${name}'`, gradient, variable);
    unused.delete(key);
    return gradient;
  });
  if (unused.size > 0) {
    throw new Error(
      `${caller}: expected gradients of this optimiser's parameters only, got also ${listNames([...unused])}. ` +
        'Pass the variables as the second argument of tf.variableGrads, or add them to the optimiser.',
    );
  }
  return ordered;
}

/** Throws unless `state` holds exactly one float32 tensor of the right shape for each variable. */
export function checkState(
  caller: string,
  variables: NamedVariables,
  state: tf.NamedTensorMap,
): void {
  const missing = Object.keys(variables).filter((name) => !Object.hasOwn(state, name));
  const unknown = Object.keys(state).filter((name) => !Object.hasOwn(variables, name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new Error(
      `${caller}: expected the ${Object.keys(variables).length} tensors of exactly this optimiser's state; ` +
        `missing: ${listNames(missing)}; unknown: ${listNames(unknown)}. Was the state saved for another model?`,
    );
  }
  for (const [name, variable] of Object.entries(variables)) {
    checkLike(caller, `'${name}'`, state[name]!, variable);
  }
}

/** At most three names, quoted, for an error message. */
function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, 3).map((name) => `'${name}'`);
  return shown.join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
}
