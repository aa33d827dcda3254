import {
  type GraphOutput,
  type Pointer,
  Status,
  type TensorFlowApi,
} from '@bag-of-tricks/libtensorflow/native';

/** One run of a session: what goes in, what comes out, and which operations run besides. */
export interface RunRequest {
  readonly feeds?: readonly GraphOutput[];
  /** A native tensor for each feed; they stay the caller's. */
  readonly values?: readonly Pointer[];
  readonly fetches?: readonly GraphOutput[];
  readonly targets?: readonly Pointer[];
  /** A `TF_Buffer` that TensorFlow fills with the run's statistics. */
  readonly metadata?: Pointer;
}

/** RunOptions with `trace_level: FULL_TRACE`. */
const fullTrace = Uint8Array.of(8, 3);

/** A `TF_Session` on a graph that may still grow. */
export class Session {
  readonly #api: TensorFlowApi;
  readonly #session: Pointer;
  readonly #status: Status;
  readonly #runOptions: Pointer;

  constructor(api: TensorFlowApi, graph: Pointer, config: Uint8Array) {
    this.#api = api;
    this.#status = new Status(api);
    const options = api.TF_NewSessionOptions();
    try {
      api.TF_SetConfig(options, config, config.byteLength, this.#status.pointer);
      this.#status.check('TF_SetConfig');
      this.#session = api.TF_NewSession(graph, options, this.#status.pointer);
      this.#status.check('TF_NewSession');
    } finally {
      api.TF_DeleteSessionOptions(options);
    }
    this.#runOptions = api.TF_NewBufferFromString(fullTrace, fullTrace.byteLength);
  }

  /** Runs on this thread; the tensors of the fetches are the caller's to delete. */
  runSync(request: RunRequest): Pointer[] {
    const { parameters, outputs } = this.#parameters(request);
    this.#api.TF_SessionRun(...parameters);
    this.#status.check('TF_SessionRun');
    return outputs as Pointer[];
  }

  /** Runs on another thread. Runs must not overlap: `Program` makes them wait. */
  async run(request: RunRequest): Promise<Pointer[]> {
    const { parameters, outputs } = this.#parameters(request);
    await new Promise<void>((resolve, reject) => {
      this.#api.TF_SessionRun.async(...parameters, (error) => (error ? reject(error) : resolve()));
    });
    this.#status.check('TF_SessionRun');
    return outputs as Pointer[];
  }

  dispose(): void {
    this.#api.TF_CloseSession(this.#session, this.#status.pointer);
    this.#api.TF_DeleteSession(this.#session, this.#status.pointer);
    this.#api.TF_DeleteBuffer(this.#runOptions);
    this.#status.dispose();
  }

  #parameters({ feeds = [], values = [], fetches = [], targets = [], metadata }: RunRequest) {
    const outputs = new Array<Pointer | null>(fetches.length).fill(null);
    const parameters: Parameters<TensorFlowApi['TF_SessionRun']> = [
      this.#session,
      metadata === undefined ? null : this.#runOptions,
      feeds,
      values,
      feeds.length,
      fetches,
      outputs,
      fetches.length,
      targets,
      targets.length,
      metadata ?? null,
      this.#status.pointer,
    ];
    return { parameters, outputs };
  }
}
