import type { NodeBackend } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import type { StateEntry, StateStore } from '../state-store.ts';
import type { Symbols } from './symbols.ts';

interface TracedVariable {
  readonly variable: tf.Variable;
  readonly dtype: number;
  /** The value before the trace, or the initial one of a variable that `fn` makes. */
  readonly original: tf.Tensor;
  /** The trace's id of the value that the graph reads at the beginning of a run. */
  readonly readId: number;
}

/** A new value that a run gives to a variable. */
export interface Update {
  readonly entry: StateEntry;
  /** The trace's ids of the values before and after. */
  readonly readId: number;
  readonly id: number;
}

/** Lends every tf.Variable a value that stands for the graph's, and gives its own back afterwards. */
export class TracedVariables {
  readonly #backend: NodeBackend;
  readonly #symbols: Symbols;
  readonly #store: StateStore;
  readonly #traced: TracedVariable[] = [];

  /** Call it before the backend is swapped: the variables' own values are taken here. */
  constructor(backend: NodeBackend, symbols: Symbols, store: StateStore) {
    this.#backend = backend;
    this.#symbols = symbols;
    this.#store = store;
    const engine = tf.engine();
    for (const variable of Object.values(engine.registeredVariables)) {
      if (engine.state.tensorInfo.get(variable.dataId)?.backend !== backend) continue;
      const { dtype } = backend.tensorMap.get(variable.dataId);
      this.#add(variable, dtype, tf.clone(variable));
    }
  }

  /** Lends the values; call it when the backend is swapped. */
  lend(): void {
    for (const traced of this.#traced) this.#lend(traced);
  }

  /** Runs `trace` while new variables become state too. */
  withNewVariables<T>(trace: () => T): T {
    const engine = tf.engine();
    const { makeVariable } = engine;
    engine.makeVariable = (initialValue, trainable, name, dtype) => {
      const variable = makeVariable.call(engine, initialValue, trainable, name, dtype);
      const entry = this.#backend.tensorMap.get(variable.dataId);
      this.#lend(this.#add(variable, entry.dtype, tf.keep(tf.clone(variable))));
      return variable;
    };
    try {
      return trace();
    } finally {
      // The method of the class shows again.
      Reflect.deleteProperty(engine, 'makeVariable');
    }
  }

  /** The assignments of `fn`. */
  updates(): Update[] {
    return this.#alive().flatMap(({ variable, readId }) => {
      const [id] = this.#backend.getInputTensorIds([variable]);
      if (id === readId) return [];
      return [{ entry: this.#store.ensure(variable), readId, id: id! }];
    });
  }

  /** Makes a variable state, whether `fn` touches it or not. */
  declare(variable: tf.Variable): void {
    if (!this.#traced.some((traced) => traced.variable === variable)) {
      throw new Error(
        `compile: expected option variables to name variables of the backend 'tensorflow', got '${variable.name}', which is disposed or on another backend.`,
      );
    }
    this.#store.ensure(variable);
  }

  /** Gives the variables their own values back; call it while the backend is still swapped. */
  restore(): void {
    for (const { variable, original } of this.#alive()) variable.assign(original);
  }

  /** Lets go of the copies that kept the values alive; call it when the backend is itself again. */
  release(): void {
    for (const { original } of this.#traced) original.dispose();
  }

  #alive(): TracedVariable[] {
    const registered = tf.engine().registeredVariables;
    return this.#traced.filter(({ variable }) => registered[variable.name] === variable);
  }

  #add(variable: tf.Variable, dtype: number, original: tf.Tensor): TracedVariable {
    const readId = this.#symbols.add({
      shape: variable.shape,
      dtype,
      origin: `variable '${variable.name}'`,
      output: () => this.#store.ensure(variable).value,
    });
    const traced = { variable, dtype, original, readId };
    this.#traced.push(traced);
    return traced;
  }

  #lend({ variable, readId, dtype }: TracedVariable): void {
    const value = this.#backend.createOutputTensor({ id: readId, shape: variable.shape, dtype });
    variable.assign(value);
    value.dispose();
  }
}
