import { createTensor, deleteTensor } from '@bag-of-tricks/libtensorflow/native';
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
  const selected = select('write', program, variables);
  if (values === undefined) {
    program.assign(selected.map(({ entry }) => entry));
    return;
  }
  const byName = new Map(selected.map(({ name, entry }) => [name, entry]));
  const pairs = Object.entries(values).map(([name, value]) => {
    const entry = byName.get(name);
    if (entry === undefined) throw unknownVariable('write', name);
    return { entry, elements: elementsOf(name, entry, value) };
  });
  const tensors = pairs.map(({ entry, elements }) =>
    createTensor(program.api, entry.dtype, entry.shape, elements),
  );
  try {
    await program.run({
      feeds: pairs.map(({ entry }) => entry.feed),
      values: tensors,
      targets: pairs.map(({ entry }) => entry.write),
    });
  } finally {
    for (const tensor of tensors) deleteTensor(program.api, tensor);
  }
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

function select(
  caller: string,
  { store }: Program,
  variables?: NamedVariables,
): { name: string; entry: StateEntry }[] {
  if (variables === undefined) {
    return store.entries.map((entry) => ({ name: entry.variable.name, entry }));
  }
  return Object.entries(variables).map(([name, variable]) => {
    const entry = store.find(variable);
    if (entry === undefined) throw unknownVariable(caller, name);
    return { name, entry };
  });
}

function unknownVariable(caller: string, name: string): Error {
  return new Error(
    `${caller}: expected variables of the graph, got '${name}'. fn neither reads nor assigns it: name it in the option variables of compile.`,
  );
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
