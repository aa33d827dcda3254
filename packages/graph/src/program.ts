import type { TensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import {
  createTensor,
  deleteTensor,
  GraphBuilder,
  type GraphOutput,
  type InputValues,
  type Pointer,
  type RunRequest,
  readTensor,
  type Server,
  Session,
  type TensorFlowApi,
  type TensorValues,
} from '@bag-of-tricks/libtensorflow/native';
import { type StateEntry, StateStore } from './state-store.ts';

/** A value for a variable of the graph. */
export interface StateValue {
  readonly entry: StateEntry;
  readonly elements: InputValues;
}

type WriteRequest = Required<Pick<RunRequest, 'feeds' | 'values' | 'targets'>>;

/** A graph with its session and its variables; the compiled functions that share state share one. */
export class Program {
  readonly api: TensorFlowApi;
  /** Whether its ops run on a GPU where they can. */
  readonly hasGpu: boolean;
  readonly builder: GraphBuilder;
  readonly store: StateStore;
  /** Tensors from outside of all traces, by their data: constants that the traces share. */
  readonly captured = new WeakMap<object, GraphOutput>();
  readonly #session: Session;
  #users = 0;
  #last: Promise<unknown> = Promise.resolve();
  /** Of what was begun beside others. */
  #beside: Promise<unknown> = Promise.resolve();

  constructor(
    { api, binding }: Pick<TensorFlowBackend, 'api' | 'binding'>,
    config: Uint8Array,
    server?: Server,
  ) {
    this.api = api;
    this.hasGpu = binding.isUsingGpuDevice();
    this.builder = new GraphBuilder(api);
    this.store = new StateStore(this.builder);
    try {
      this.#session = new Session(api, this.builder.graph, config, { server });
    } catch (error) {
      this.builder.dispose();
      throw error;
    }
  }

  /** Counts a compiled function that uses the program. */
  retain(): this {
    this.#users++;
    return this;
  }

  /** Frees the program when its last function lets go of it, after what is waiting to run. */
  async release(): Promise<void> {
    await this.enqueue(async () => {
      this.#users--;
      if (this.#users > 0) return;
      this.#session.dispose();
      this.builder.dispose();
    });
  }

  /** Runs `task` when all earlier ones are over, such as one that changes variables or the graph. */
  enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = Promise.all([this.#last, this.#beside]).then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Runs `task` beside others of its kind, which neither read nor change variables or the graph. */
  enqueueBeside<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    // Without their results, which would all be kept.
    this.#beside = Promise.all([this.#beside, result.catch(() => {})]).then(() => {});
    return result;
  }

  /** Runs on another thread; call it inside of `enqueue`, but for what no run reads before it is over, as a value that is sent ahead. */
  run(request: RunRequest): Promise<Pointer[]> {
    return this.#session.run(request);
  }

  /** Computes outputs that need no inputs, on this thread. */
  evaluate(fetches: readonly GraphOutput[]): TensorValues[] {
    return this.#session.runSync({ fetches }).map((tensor) => {
      const values = readTensor(this.api, tensor);
      this.api.TF_DeleteTensor(tensor);
      return values;
    });
  }

  /** Gives the graph the present values of these variables, on this thread. */
  assign(entries: readonly StateEntry[]): void {
    const pairs = entries.map((entry) => ({ entry, elements: entry.variable.dataSync() }));
    const request = this.#writing(pairs);
    if (request === undefined) return;
    try {
      this.#session.runSync(request);
      markSynced(pairs);
    } finally {
      this.#free(request);
    }
  }

  /** Gives the graph these values of variables; call it inside of `enqueue`. */
  async write(pairs: readonly StateValue[]): Promise<void> {
    const request = this.#writing(pairs);
    if (request === undefined) return;
    try {
      await this.#session.run(request);
      markSynced(pairs);
    } finally {
      this.#free(request);
    }
  }

  #writing(pairs: readonly StateValue[]): WriteRequest | undefined {
    if (pairs.length === 0) return undefined;
    const values: Pointer[] = [];
    const request = {
      feeds: pairs.map(({ entry }) => entry.feed),
      values,
      targets: pairs.map(({ entry }) => entry.write),
    };
    try {
      for (const { entry, elements } of pairs) {
        values.push(createTensor(this.api, entry.dtype, entry.shape, elements));
      }
      return request;
    } catch (error) {
      this.#free(request);
      throw error;
    }
  }

  #free({ values }: WriteRequest): void {
    for (const tensor of values) deleteTensor(this.api, tensor);
  }
}

/** JavaScript's and the graph's view of the variables were made one. */
function markSynced(pairs: readonly StateValue[]): void {
  for (const { entry } of pairs) entry.syncedDataId = entry.variable.dataId;
}
