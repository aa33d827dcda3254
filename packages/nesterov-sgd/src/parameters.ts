import * as tf from '@tensorflow/tfjs-core';
import { checkWeightDecay } from './hyper-parameters.ts';

/** Variables by stable name: the name under which state is saved, for example timm's 'layer1.0.conv1.weight'. */
export type NamedVariables = Readonly<Record<string, tf.Variable>>;

/** Variables by stable name, or a list of them; in a list each variable's own `name` is the stable name. */
export type Parameters = NamedVariables | readonly tf.Variable[];

export interface ParameterGroup {
  readonly parameters: Parameters;
  /** Weight decay of this group, >= 0. Default: the optimiser's `weightDecay`. */
  readonly weightDecay?: number;
}

export interface Parameter {
  readonly name: string;
  readonly variable: tf.Variable;
  readonly weightDecay: number;
}

/** The [stable name, variable] pairs of a map or a list. */
export function namedEntries(
  caller: string,
  parameters: Parameters,
): [name: string, variable: tf.Variable][] {
  const entries: [string, tf.Variable][] = Array.isArray(parameters)
    ? parameters.map((variable) => [variable?.name, variable])
    : Object.entries(parameters);
  for (const [name, variable] of entries) {
    if (!(variable instanceof tf.Variable)) {
      throw new TypeError(
        `${caller}: expected a tf.Variable for parameter '${name}', got ${variable === null ? 'null' : typeof variable}. Pass tf.variable(...)s, as a list or by name.`,
      );
    }
  }
  return entries;
}

/** Flattens what nesterovSgd takes into one list, and refuses what could not be updated or saved unambiguously. */
export function resolveParameters(
  caller: string,
  parameters: Parameters | readonly ParameterGroup[],
  defaultWeightDecay: number,
): Parameter[] {
  const resolved = toGroups(parameters).flatMap((group) => {
    const weightDecay = group.weightDecay ?? defaultWeightDecay;
    checkWeightDecay(caller, weightDecay);
    return namedEntries(caller, group.parameters).map(([name, variable]) => ({
      name,
      variable,
      weightDecay,
    }));
  });
  if (resolved.length === 0) {
    throw new Error(`${caller}: expected at least one parameter, got none. Build the model first.`);
  }
  checkUnambiguous(caller, resolved);
  return resolved;
}

function toGroups(parameters: Parameters | readonly ParameterGroup[]): readonly ParameterGroup[] {
  const isGroups =
    Array.isArray(parameters) &&
    parameters.some((item) => item && !(item instanceof tf.Variable) && 'parameters' in item);
  return isGroups
    ? (parameters as readonly ParameterGroup[])
    : [{ parameters: parameters as Parameters }];
}

function checkUnambiguous(caller: string, parameters: readonly Parameter[]): void {
  const byName = new Map<string, tf.Variable>();
  const owners = new Map<string, string>();
  for (const { name, variable } of parameters) {
    if (!variable.trainable) {
      throw new Error(
        `${caller}: parameter '${name}' is not trainable. Leave it out, or set variable.trainable = true.`,
      );
    }
    if (variable.dtype !== 'float32') {
      throw new TypeError(
        `${caller}: expected parameter '${name}' to be float32, got ${variable.dtype}. Leave it out or cast it.`,
      );
    }
    if (byName.has(name)) {
      throw new Error(
        `${caller}: two parameters are named '${name}'. Give each a name of its own.`,
      );
    }
    const owner = owners.get(variable.name);
    if (owner !== undefined) {
      throw new Error(
        `${caller}: '${owner}' and '${name}' are the same variable. List it once, in one group.`,
      );
    }
    byName.set(name, variable);
    owners.set(variable.name, name);
  }
  // Gradients are looked up by either name: a clash would hand one variable another one's gradient.
  for (const { name, variable } of parameters) {
    const owner = owners.get(name);
    if (owner !== undefined && byName.get(name) !== byName.get(owner)) {
      throw new Error(
        `${caller}: the stable name '${name}' (of variable '${variable.name}') is also the variable name of parameter '${owner}'. Rename one.`,
      );
    }
  }
}
