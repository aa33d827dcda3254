import * as tf from '@tensorflow/tfjs-core';
import type { TensorValue } from './outputs/tensor-value.ts';
import { takeValue } from './outputs/tensor-value.ts';
import type { Program } from './program.ts';
import type { StateEntry } from './state-store.ts';

/** Values of variables, by name. */
export type VariableValues = Record<string, TensorValue>;

/** A value for a variable: its values in row-major order, alone or with a shape. */
export type VariableValue = TensorValue | tf.Tensor | TensorValue['values'] | readonly number[];

type NamedVariables = Readonly<Record<string, tf.Variable>>;

/** Reads variables of the graph. */
export async function readState(
  program: Program,
  variables?: NamedVariables,
): Promise<VariableValues> {
  const selected = select('read', program, variables);
  // A function of unknown input sizes has no variables before its first run, and a session must have something to run.
  if (selected.length === 0) return {};
  const tensors = await program.run({ fetches: selected.map(({ entry }) => entry.value) });
  const values = tensors.map((tensor, i) => {
    const { shape, variable } = selected[i]!.entry;
    const dtype = variable.dtype as TensorValue['dtype'];
    return [selected[i]!.name, takeValue(program.api, tensor, { shape, dtype })] as const;
  });
  return Object.fromEntries(values);
}

/** Writes variables of the graph: the given values, or those of the tfjs variables. */
export async function writeState(
  program: Program,
  values?: Readonly<Record<string, VariableValue>>,
  variables?: NamedVariables,
): Promise<void> {
  if (values === undefined) {
    program.assign(select('write', program, variables).map(({ entry }) => entry));
    return;
  }
  const named = variables ?? tf.engine().registeredVariables;
  const given = Object.fromEntries(Object.keys(values).map((name) => [name, named[name]]));
  const pairs = select('write', program, given).map(({ name, entry }) => ({
    entry,
    elements: elementsOf(name, entry, values[name]!),
  }));
  await program.write(pairs);
}

/** Assigns the graph's values to the tfjs variables that are still alive. */
export async function syncState(program: Program): Promise<void> {
  const alive = program.store.entries.filter(({ variable }) => !variable.isDisposed);
  const named = Object.fromEntries(alive.map(({ variable }) => [variable.name, variable]));
  const values = await readState(program, named);
  for (const entry of alive) {
    const { variable } = entry;
    const { shape, dtype, values: elements } = values[variable.name]!;
    tf.tidy(() => variable.assign(tf.tensor(elements, shape, dtype)));
    entry.syncedDataId = variable.dataId;
  }
}

/** The entries of variables; one that the graph does not have yet becomes state, with the value that it has. */
function select(
  caller: string,
  program: Program,
  variables?: Readonly<Record<string, tf.Variable | undefined>>,
): { name: string; entry: StateEntry }[] {
  const { store } = program;
  if (variables === undefined) {
    return store.entries.map((entry) => ({ name: entry.variable.name, entry }));
  }
  const selected = Object.entries(variables).map(([name, variable]) => {
    if (variable === undefined || (variable.isDisposed && store.find(variable) === undefined)) {
      throw new Error(
        `${caller}: expected a tf.Variable for '${name}', got ${variable === undefined ? 'none' : 'a disposed one'}. ` +
          'Name variables as tfjs does, or pass a map from your names to variables.',
      );
    }
    return { name, entry: store.ensure(variable) };
  });
  program.assign(store.unsynced);
  return selected;
}

function elementsOf(name: string, { shape }: StateEntry, value: VariableValue) {
  const isPlain = Array.isArray(value) || ArrayBuffer.isView(value);
  const given = isPlain ? undefined : (value as TensorValue | tf.Tensor);
  if (given !== undefined && !tf.util.arraysEqual(given.shape, shape)) {
    throw new RangeError(
      `write: expected '${name}' of shape [${shape}], got [${given.shape}]. Write values of the variable's own shape.`,
    );
  }
  if (given === undefined) return value as TensorValue['values'];
  return given instanceof tf.Tensor ? given.dataSync() : given.values;
}
