import type {
  Binding,
  GraphOutput,
  NodeBackend,
  TensorEntry,
  TensorMap,
} from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import type { GraphBinding } from './graph-binding.ts';
import { refuseBakedRandomness } from './random-guard.ts';

/** Lies over the backend's map of tensors during a trace: new tensors are kept here, older ones appear as constants and are left as they are. */
export class TraceStorage implements TensorMap {
  readonly #eagerMap: TensorMap;
  readonly #eager: Binding;
  readonly #graph: GraphBinding;
  readonly #entries = new Map<object, TensorEntry>();
  readonly #captured = new Map<object, TensorEntry>();
  readonly #constants: WeakMap<object, GraphOutput>;

  /** @param constants Those that earlier traces have made, by the data of their tensors. */
  constructor(
    { tensorMap, binding }: Pick<NodeBackend, 'tensorMap' | 'binding'>,
    graph: GraphBinding,
    constants: WeakMap<object, GraphOutput>,
  ) {
    this.#eagerMap = tensorMap;
    this.#eager = binding;
    this.#graph = graph;
    this.#constants = constants;
  }

  /** The tensors that were made during the trace and not disposed. */
  get survivors(): ReadonlyMap<object, TensorEntry> {
    return this.#entries;
  }

  has(dataId: object): boolean {
    return this.#entries.has(dataId) || this.#eagerMap.has(dataId);
  }

  get(dataId: object): TensorEntry {
    const entry = this.#entries.get(dataId) ?? this.#captured.get(dataId);
    if (entry !== undefined) return entry;
    if (!this.#eagerMap.has(dataId)) throw foreignTensor(dataId);
    const captured = this.#capture(dataId);
    this.#captured.set(dataId, captured);
    return captured;
  }

  set(dataId: object, entry: TensorEntry): void {
    if (entry.values !== null) refuseBakedRandomness();
    this.#entries.set(dataId, entry);
  }

  delete(dataId: object): boolean {
    if (this.#entries.delete(dataId)) return true;
    // An older tensor whose last user lets go of it during the trace.
    const { id } = this.#eagerMap.get(dataId);
    if (id >= 0) this.#eager.deleteTensor(id);
    this.#captured.delete(dataId);
    return this.#eagerMap.delete(dataId);
  }

  numDataIds(): number {
    return this.#eagerMap.numDataIds() + this.#entries.size;
  }

  /** An older tensor, as a constant of its present values; users are counted where it lives. */
  #capture(dataId: object): TensorEntry {
    const entry = this.#eagerMap.get(dataId);
    const { shape, dtype } = entry;
    const values = () =>
      (entry.values ?? this.#eager.tensorDataSync(entry.id)) as Float32Array | Int32Array;
    const constant = () => {
      const made =
        this.#constants.get(dataId) ??
        this.#graph.constants.make(dtype, shape, values(), 'a tensor that fn captures');
      this.#constants.set(dataId, made);
      return made;
    };
    const id = this.#graph.symbols.add({
      shape,
      dtype,
      origin: 'a tensor made outside of fn',
      output: constant,
      values,
    });
    return {
      shape,
      dtype,
      id,
      values: null,
      get refCount() {
        return entry.refCount;
      },
      set refCount(count) {
        entry.refCount = count;
      },
    };
  }
}

function foreignTensor(dataId: object): Error {
  const engine = tf.engine();
  const info = engine.state.tensorInfo.get(dataId);
  if (info === undefined) return new Error('compile: fn uses a tensor that was disposed.');
  const variable = Object.values(engine.registeredVariables).find((v) => v.dataId === dataId);
  const what = variable === undefined ? 'a tensor' : `variable '${variable.name}'`;
  const backend = engine.backendNames().find((name) => tf.findBackend(name) === info.backend);
  return new Error(
    `compile: expected tensors of the backend 'tensorflow', got ${what} of shape [${info.shape}] on '${backend}'. ` +
      "Make it after await tf.setBackend('tensorflow').",
  );
}
