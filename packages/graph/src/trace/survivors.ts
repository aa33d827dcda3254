import type {
  GraphOutput,
  NodeBackend,
  TensorEntry,
  TensorValues,
} from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import { attempt } from './attempt.ts';
import type { Symbols } from './symbols.ts';

type Evaluate = (outputs: readonly GraphOutput[]) => TensorValues[];

/** A tensor of the trace that still lives when the trace is over: kept by `tf.keep`, or the initial value of a new variable. */
interface Survivor {
  readonly dataId: object;
  readonly entry: TensorEntry;
}

/** What a trace leaves behind in tfjs, sorted by whether JavaScript knows the values. */
export class Survivors {
  readonly #backend: NodeBackend;
  readonly #symbols: Symbols;
  #symbolic: Survivor[] = [];

  /** Call it when the backend is itself again: tensors of known values are handed to it here. */
  constructor(backend: NodeBackend, symbols: Symbols, entries: ReadonlyMap<object, TensorEntry>) {
    this.#backend = backend;
    this.#symbols = symbols;
    for (const [dataId, entry] of entries) {
      const values = entry.values ?? symbols.find(entry.id)?.values?.();
      if (values !== undefined) this.#settle({ dataId, entry }, values as TensorValues);
      else this.#symbolic.push({ dataId, entry });
    }
  }

  /** Whether a variable has no value yet. */
  isPending({ dataId }: tf.Variable): boolean {
    return this.#symbolic.some((survivor) => survivor.dataId === dataId);
  }

  /**
   * Computes the others in the graph.
   *
   * @throws if one of them depends on an input.
   */
  evaluate(evaluate: Evaluate): void {
    if (this.#symbolic.length === 0) return;
    const { value: values } = attempt(() => this.#compute(this.#symbolic, evaluate));
    if (values === undefined) {
      const shapes = this.#symbolic.map(({ entry }) => `[${entry.shape}]`).join(', ');
      throw new Error(
        `compile: expected no tensor that is computed from inputs to outlive fn, got tf.keep or a new tf.variable of shape ${shapes}. ` +
          'Return the tensor, or make the variable outside of fn and assign it in fn.',
      );
    }
    this.#symbolic.forEach((survivor, i) => {
      this.#settle(survivor, values[i]!);
    });
    this.#symbolic = [];
  }

  /** After an error: computes what variables need, so that their owners can go on, and makes tfjs forget the rest. */
  abandon(evaluate: Evaluate): void {
    const variables = new Map(
      Object.values(tf.engine().registeredVariables).map((variable) => [variable.dataId, variable]),
    );
    for (const survivor of this.#symbolic) {
      const variable = variables.get(survivor.dataId);
      const values = variable && attempt(() => this.#compute([survivor], evaluate)[0]).value;
      if (values !== undefined) {
        this.#settle(survivor, values);
      } else {
        forget(survivor);
        variable?.dispose();
      }
    }
  }

  #compute(survivors: readonly Survivor[], evaluate: Evaluate): TensorValues[] {
    return evaluate(survivors.map(({ entry }) => this.#symbols.resolve(entry.id)));
  }

  #settle({ dataId, entry }: Survivor, values: TensorValues): void {
    const { shape, dtype, refCount } = entry;
    const known = values as tf.BackendValues;
    this.#backend.tensorMap.set(dataId, { shape, dtype, id: -1, values: known, refCount });
  }
}

/** Undoes tfjs's count of a tensor that nobody can dispose. */
function forget({ dataId, entry }: Survivor): void {
  const { state } = tf.engine();
  const info = state.tensorInfo.get(dataId);
  if (info === undefined) return;
  state.numTensors -= entry.refCount;
  state.numBytes -= info.bytes * entry.refCount;
  state.numDataBuffers--;
  state.tensorInfo.delete(dataId);
}
