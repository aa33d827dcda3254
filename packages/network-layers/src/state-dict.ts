import * as tf from '@tensorflow/tfjs-core';
import type { VariableMap } from './conv-norm.ts';
import { layoutOf, transpose } from './layout.ts';

/** One tensor as PyTorch lays it out: kernels OIHW, the dense layer [out, in]. */
export interface StateDictEntry {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Anything with variables under PyTorch's names. */
export interface WithVariables {
  readonly parameters: VariableMap;
  readonly buffers: VariableMap;
}

/** timm's names to tensors, running statistics included. */
export type StateDict = Readonly<Record<string, StateDictEntry>>;

export interface LoadStateDictOptions {
  /** Refuse keys that are missing or unexpected (default true). A wrong shape is always refused. */
  readonly strict?: boolean;
  /** Keys, or modules such as `fc`, that keep their current values. */
  readonly exclude?: readonly string[];
}

/** The keys that did not match: only `strict: false` lets there be any. */
export interface LoadStateDictResult {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

const moduleOf = (name: string) => name.slice(0, name.lastIndexOf('.'));

/** All variables in the order of PyTorch's `state_dict()`: the buffers of a module follow its parameters. */
function namedVariables({ parameters, buffers }: WithVariables): Map<string, tf.Variable> {
  const modules = new Map<string, [string, tf.Variable][]>();
  for (const entry of [...Object.entries(parameters), ...Object.entries(buffers)]) {
    const module = moduleOf(entry[0]);
    modules.set(module, [...(modules.get(module) ?? []), entry]);
  }
  return new Map([...modules.values()].flat());
}

function torchShape({ shape }: tf.Variable): number[] {
  return layoutOf(shape.length).toTorch.map((axis) => shape[axis]!);
}

/**
 * Reads a model's weights and running statistics in PyTorch's layout, so that
 * `timm.create_model('resnet50d').load_state_dict(...)` takes them: OIHW kernels, [out, in] dense, timm's order.
 * `num_batches_tracked` is left out; PyTorch fills it in.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { resnet20d, toStateDict } from '@bag-of-tricks/resnet-variants';
 *
 * const { 'fc.weight': weight } = await toStateDict(resnet20d({ numClasses: 10 }));
 * console.log(weight?.shape); // [10, 64]
 * ```
 */
export async function toStateDict(model: WithVariables): Promise<Record<string, StateDictEntry>> {
  const entries = [...namedVariables(model)].map(async ([name, variable]) => {
    const data = await variable.data<'float32'>();
    const entry = {
      shape: torchShape(variable),
      data: transpose(data, variable.shape, layoutOf(variable.rank).toTorch),
    };
    return [name, entry] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function isExcluded(name: string, exclude: readonly string[]): boolean {
  return exclude.some((entry) => name === entry || name.startsWith(`${entry}.`));
}

function mismatches(dict: StateDict, variables: ReadonlyMap<string, tf.Variable>): string[] {
  return [...variables].flatMap(([name, variable]) => {
    const entry = dict[name];
    if (!entry) return [];
    const expected = torchShape(variable);
    if (`${entry.shape}` !== `${expected}`) {
      return [`${name}: expected shape [${expected}], got [${entry.shape}]`];
    }
    if (entry.data.length !== variable.size) {
      return [`${name}: expected ${variable.size} values, got ${entry.data.length}`];
    }
    return entry.data.every(Number.isFinite) ? [] : [`${name}: expected finite values only`];
  });
}

function refuse(problems: Readonly<Record<string, readonly string[]>>): void {
  const found = Object.entries(problems).filter(([, entries]) => entries.length > 0);
  if (found.length === 0) return;
  const details = found.map(([kind, entries]) => `\n  ${kind}: ${entries.join('; ')}`).join('');
  throw new Error(
    `loadStateDict: expected the weights of this architecture; nothing was loaded.${details}\n` +
      'Check the architecture and numClasses, or name the keys to keep in `exclude`.',
  );
}

function assign(variable: tf.Variable, { shape, data }: StateDictEntry): void {
  tf.tidy(() => {
    const values = transpose(data, shape, layoutOf(shape.length).fromTorch);
    variable.assign(tf.tensor(values, variable.shape, 'float32'));
  });
}

/**
 * Loads weights and running statistics in PyTorch's layout: the inverse of `toStateDict`, also for a timm checkpoint of
 * the same name. `num_batches_tracked` is ignored. All keys and shapes are checked first, so a failure changes nothing.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { loadStateDict, resnet20d, toStateDict } from '@bag-of-tricks/resnet-variants';
 *
 * const teacher = resnet20d({ numClasses: 10 });
 * const student = resnet20d({ numClasses: 100, seed: 7 });
 * loadStateDict(student, await toStateDict(teacher), { exclude: ['fc'] });
 * ```
 * @throws Error naming every missing, unexpected and mismatched key; RangeError if `exclude` names nothing.
 */
export function loadStateDict(
  model: WithVariables,
  dict: StateDict,
  { strict = true, exclude = [] }: LoadStateDictOptions = {},
): LoadStateDictResult {
  const all = namedVariables(model);
  for (const entry of exclude) {
    if (![...all.keys()].some((name) => isExcluded(name, [entry]))) {
      throw new RangeError(
        `loadStateDict: expected exclude to name a key or module of the model, got "${entry}".`,
      );
    }
  }
  const variables = new Map([...all].filter(([name]) => !isExcluded(name, exclude)));
  const missing = [...variables.keys()].filter((name) => !(name in dict));
  const unexpected = Object.keys(dict).filter(
    (name) => !all.has(name) && !name.endsWith('.num_batches_tracked'),
  );
  refuse({ ...(strict && { missing, unexpected }), mismatched: mismatches(dict, variables) });
  for (const [name, variable] of variables) {
    const entry = dict[name];
    if (entry) assign(variable, entry);
  }
  return { missing, unexpected };
}
