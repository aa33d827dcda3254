import * as tf from '@tensorflow/tfjs-core';
import { checkNotNegative } from './hyper-parameters.ts';

/** Variables by stable name: the name under which state is saved, for example timm's 'layer1.0.conv1.weight'. */
export type NamedVariables = Readonly<Record<string, tf.Variable>>;

/** Variables by stable name, or a list of them; in a list each variable's own `name` is the stable name. */
export type Parameters = NamedVariables | readonly tf.Variable[];

export interface ParameterGroup {
  readonly parameters: Parameters;
  /** Weight decay of this group, >= 0. Default: the optimiser's `weightDecay`. */
  readonly weightDecay?: number;
  /** What the learning rate is multiplied by in this group, >= 0. Default 1. */
  readonly rateFactor?: number;
}

export interface Parameter {
  readonly name: string;
  readonly variable: tf.Variable;
  readonly weightDecay: number;
  readonly rateFactor: number;
}

/** The [stable name, variable] pairs of a map or a list. */
export function namedEntries(
  caller: string,
  parameters: Parameters,
): [name: string, variable: tf.Variable][] {
  const entries: [string, tf.Variable][] = Array.isArray(parameters)
    ? parameters.map((variable) => [variable?.name, variable])
    : Object.entries(parameters);
  const wrong = entries.find(([, variable]) => !(variable instanceof tf.Variable));
  if (wrong) {
    throw new TypeError(
      `${caller}: expected a tf.Variable for parameter '${wrong[0]}', got ${wrong[1] === null ? 'null' : typeof wrong[1]}. Pass tf.variable(...)s, as a list or by name.`,
    );
  }
  return entries;
}

/** Flattens what an optimiser takes into one list, and refuses what could not be updated or saved unambiguously. */
export function resolveParameters(
  caller: string,
  parameters: Parameters | readonly ParameterGroup[],
  defaultWeightDecay: number,
): Parameter[] {
  const resolved = toGroups(parameters).flatMap(
    ({ parameters: members, weightDecay = defaultWeightDecay, rateFactor = 1 }) => {
      checkNotNegative(caller, 'weightDecay', weightDecay);
      checkNotNegative(caller, 'rateFactor', rateFactor);
      return namedEntries(caller, members).map(([name, variable]) => ({
        name,
        variable,
        weightDecay,
        rateFactor,
      }));
    },
  );
  if (resolved.length === 0) {
    throw new Error(`${caller}: expected at least one parameter, got none. Build the model first.`);
  }
  // A gradient is found by either name, so all names of all parameters have to be told apart.
  const owners = new Map<string, string>();
  for (const { name, variable } of resolved) {
    if (!variable.trainable || variable.dtype !== 'float32') {
      throw new TypeError(
        `${caller}: expected parameter '${name}' to be a trainable float32 variable, got ${variable.trainable ? variable.dtype : 'one that is not trainable'}. Leave it out.`,
      );
    }
    for (const alias of new Set([name, variable.name])) {
      const owner = owners.get(alias);
      if (owner !== undefined) {
        throw new Error(
          `${caller}: the parameters '${owner}' and '${name}' (variable '${variable.name}') share the name '${alias}'. List each variable once, under a name of its own.`,
        );
      }
      owners.set(alias, name);
    }
  }
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
