import {
  createTensor,
  deleteTensor,
  type GraphOutput,
  type Pointer,
  readTensor,
  type TensorFlowApi,
  type TensorValues,
} from '@bag-of-tricks/libtensorflow/native';
import { GraphBuilder } from './native/graph-builder.ts';
import { type RunRequest, Session } from './native/session.ts';
import { type StateEntry, StateStore } from './state-store.ts';

/** A graph with its session and its variables; the compiled functions that share state share one. */
export class Program {
  readonly api: TensorFlowApi;
  readonly builder: GraphBuilder;
  readonly store: StateStore;
  readonly #session: Session;
  #users = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(api: TensorFlowApi, config: Uint8Array) {
    this.api = api;
    this.builder = new GraphBuilder(api);
    this.store = new StateStore(this.builder);
    try {
      this.#session = new Session(api, this.builder.graph, config);
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

  /** Runs `task` when all earlier ones are over: no two may run in a session at once, for they share variables. */
  enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Runs on another thread; call it inside of `enqueue`. */
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

  /** Gives the graph the present values of these variables. */
  assign(entries: readonly StateEntry[]): void {
    if (entries.length === 0) return;
    const values = entries.map(({ variable, shape, dtype }) =>
      createTensor(this.api, dtype, shape, variable.dataSync()),
    );
    try {
      this.#session.runSync({
        feeds: entries.map(({ feed }) => feed),
        values,
        targets: entries.map(({ write }) => write),
      });
    } finally {
      for (const tensor of values) deleteTensor(this.api, tensor);
    }
    for (const entry of entries) entry.syncedDataId = entry.variable.dataId;
  }
}
