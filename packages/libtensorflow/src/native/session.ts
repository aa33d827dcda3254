import type { TensorFlowApi } from './api.ts';
import type { GraphOutput } from './graph-prototypes.ts';
import type { Pointer } from './prototype.ts';
import type { Server } from './server.ts';
import { Status } from './status.ts';

/** One run of a session: what goes in, what comes out, and which operations run besides. */
export interface RunRequest {
  readonly feeds?: readonly GraphOutput[];
  /** A native tensor for each feed; they stay the caller's. */
  readonly values?: readonly Pointer[];
  readonly fetches?: readonly GraphOutput[];
  readonly targets?: readonly Pointer[];
  /** A `TF_Buffer` that TensorFlow fills with the run's statistics, and with the graph of each device. */
  readonly metadata?: Pointer;
}

/** Where a session comes from. */
export interface SessionSource {
  /** Whether it runs on the thread that asks. Default: `false`. */
  readonly inline?: boolean;
  /** Opens it, with these options. Default: a new one on the graph. */
  readonly open?: (options: Pointer, status: Pointer) => Pointer;
  /** The function of TensorFlow that `open` calls, for its errors. */
  readonly opener?: string;
  /** Where it runs. Default: in this process alone. */
  readonly server?: Server | undefined;
}

/** RunOptions with `trace_level: FULL_TRACE` and `output_partition_graphs: true`. */
const fullTrace = [8, 3, 0x28, 1];
/** RunOptions with `inter_op_thread_pool: -1`: the ops run on the thread that asks. */
const onThisThread = [0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];

/** ConfigProto with one thread for the graph in a pool of the session's own (`inter_op_parallelism_threads`, `use_per_session_threads`). */
const ownPool = [0x28, 1, 0x48, 1];

/**
 * A `TF_Session` on a graph that may still grow.
 *
 * An `inline` one runs on the thread that asks. It has a pool of its own, for the first session without one sizes the pool of the whole
 * process: the config's other way to run inline (-1 threads) left one thread to all later graphs, which then ran op after op.
 */
export class Session {
  readonly #api: TensorFlowApi;
  readonly #session: Pointer;
  readonly #status: Status;
  /** Null: TensorFlow's own. */
  readonly #runOptions: Pointer | null;
  readonly #traceOptions: Pointer;

  constructor(
    api: TensorFlowApi,
    graph: Pointer,
    config: Uint8Array,
    {
      inline = false,
      open = (options, status) => api.TF_NewSession(graph, options, status),
      opener = 'TF_NewSession',
      server,
    }: SessionSource = {},
  ) {
    this.#api = api;
    this.#status = new Status(api);
    const options = api.TF_NewSessionOptions();
    try {
      const bytes = Uint8Array.of(...config, ...(inline ? ownPool : []), ...(server?.config ?? []));
      if (server) api.TF_SetTarget(options, server.target);
      api.TF_SetConfig(options, bytes, bytes.byteLength, this.#status.pointer);
      this.#status.check('TF_SetConfig');
      this.#session = open(options, this.#status.pointer);
      this.#status.check(opener);
    } finally {
      api.TF_DeleteSessionOptions(options);
    }
    const where = inline ? onThisThread : [];
    const buffer = (bytes: readonly number[]) =>
      api.TF_NewBufferFromString(Uint8Array.from(bytes), bytes.length);
    this.#runOptions = inline ? buffer(where) : null;
    this.#traceOptions = buffer([...where, ...fullTrace]);
  }

  /** Runs on this thread; the tensors of the fetches are the caller's to delete. */
  runSync(request: RunRequest): Pointer[] {
    const { parameters, outputs } = this.#parameters(request);
    this.#api.TF_SessionRun(...parameters);
    this.#status.check('TF_SessionRun');
    return outputs as Pointer[];
  }

  /** Runs on another thread; runs may overlap, so each reports into a status of its own. */
  async run(request: RunRequest): Promise<Pointer[]> {
    const status = new Status(this.#api);
    const { parameters, outputs } = this.#parameters(request, status);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#api.TF_SessionRun.async(...parameters, (error) =>
          error ? reject(error) : resolve(),
        );
      });
      status.check('TF_SessionRun');
      return outputs as Pointer[];
    } finally {
      status.dispose();
    }
  }

  dispose(): void {
    this.#api.TF_CloseSession(this.#session, this.#status.pointer);
    this.#api.TF_DeleteSession(this.#session, this.#status.pointer);
    if (this.#runOptions !== null) this.#api.TF_DeleteBuffer(this.#runOptions);
    this.#api.TF_DeleteBuffer(this.#traceOptions);
    this.#status.dispose();
  }

  #parameters(
    { feeds = [], values = [], fetches = [], targets = [], metadata }: RunRequest,
    status = this.#status,
  ) {
    const outputs = new Array<Pointer | null>(fetches.length).fill(null);
    const parameters: Parameters<TensorFlowApi['TF_SessionRun']> = [
      this.#session,
      metadata === undefined ? this.#runOptions : this.#traceOptions,
      feeds,
      values,
      feeds.length,
      fetches,
      outputs,
      fetches.length,
      targets,
      targets.length,
      metadata ?? null,
      status.pointer,
    ];
    return { parameters, outputs };
  }
}
