import {
  DataType,
  type GraphBuilder,
  type GraphOutput,
  type Pointer,
  shapeAttribute,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import type * as tf from '@tensorflow/tfjs-core';

/** A tf.Variable as the graph keeps it. */
export interface StateEntry {
  readonly variable: tf.Variable;
  readonly shape: number[];
  readonly dtype: number;
  /** The resource that holds the value between runs. */
  readonly handle: GraphOutput;
  /** The value before the step's assignments. */
  readonly value: GraphOutput;
  /** Takes a value from outside, which `write` assigns. */
  readonly feed: GraphOutput;
  readonly write: Pointer;
  /** The variable's data when JavaScript and graph last agreed. */
  syncedDataId: object | undefined;
}

/** The variables of a graph: for each a resource, an operation that reads it and one that writes it. */
export class StateStore {
  readonly #builder: GraphBuilder;
  readonly #entries = new Map<tf.Variable, StateEntry>();

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  get entries(): readonly StateEntry[] {
    return [...this.#entries.values()];
  }

  /** Entries whose values the graph does not have yet. */
  get unsynced(): readonly StateEntry[] {
    return this.entries.filter(({ syncedDataId }) => syncedDataId === undefined);
  }

  find(variable: tf.Variable): StateEntry | undefined {
    return this.#entries.get(variable);
  }

  /** The entry of a variable, made on the first call. */
  ensure(variable: tf.Variable): StateEntry {
    const known = this.#entries.get(variable);
    if (known !== undefined) return known;
    const { shape } = variable;
    const dtype = nativeType(variable);
    const name = `state/${variable.name}`;
    const typeAndShape = [typeAttribute('dtype', dtype), shapeAttribute('shape', shape)];
    const handle = this.#output(
      'VarHandleOp',
      name,
      [],
      [
        ...typeAndShape,
        // The name under which the session keeps the value: unique, for names of variables may be used again.
        { name: 'shared_name', type: 0, value: `${name}#${this.#entries.size}` },
      ],
    );
    const value = this.#output(
      'ReadVariableOp',
      `${name}/read`,
      [handle],
      typeAndShape.slice(0, 1),
    );
    const feed = this.#output('Placeholder', `${name}/feed`, [], typeAndShape);
    const entry: StateEntry = {
      variable,
      shape,
      dtype,
      handle,
      value,
      feed,
      write: this.assign(handle, feed, dtype, `${name}/write`),
      syncedDataId: undefined,
    };
    this.#entries.set(variable, entry);
    return entry;
  }

  /** @throws if a variable was assigned in JavaScript, which the graph would not see. */
  requireSynced(): void {
    for (const { variable, syncedDataId } of this.#entries.values()) {
      if (variable.dataId !== syncedDataId && !variable.isDisposed) {
        throw new Error(
          `run: expected the state to change in the graph only, but variable '${variable.name}' was assigned in JavaScript. ` +
            'Call write() to take the values of the tfjs variables, or sync() to overwrite them with the values of the graph.',
        );
      }
    }
  }

  /** Forgets what a failed trace has added. */
  forget(entries: readonly StateEntry[]): void {
    for (const { variable } of entries) this.#entries.delete(variable);
  }

  /** An operation that assigns a value to a resource, after others have run. */
  assign(
    handle: GraphOutput,
    value: GraphOutput,
    dtype: number,
    name: string,
    after: readonly Pointer[] = [],
  ): Pointer {
    return this.#builder.node('AssignVariableOp', {
      name,
      inputs: [handle, value],
      attributes: [typeAttribute('dtype', dtype)],
      after,
    });
  }

  #output(
    op: string,
    name: string,
    inputs: GraphOutput[],
    attributes: ReturnType<typeof typeAttribute>[],
  ): GraphOutput {
    return { oper: this.#builder.node(op, { name, inputs, attributes }), index: 0 };
  }
}

function nativeType({ name, dtype }: tf.Variable): number {
  const types: Partial<Record<tf.DataType, number>> = {
    float32: DataType.FLOAT,
    int32: DataType.INT32,
    bool: DataType.BOOL,
  };
  const type = types[dtype];
  if (type !== undefined) return type;
  throw new TypeError(
    `compile: expected variables of float32, int32 or bool, got '${name}' of ${dtype}. Keep its parts in variables of their own.`,
  );
}
