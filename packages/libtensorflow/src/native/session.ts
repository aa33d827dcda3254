import type { TensorFlowApi } from './api.ts';
import type { GraphOutput } from './graph-prototypes.ts';
import type { Pointer } from './prototype.ts';
import { Status } from './status.ts';

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
    this.#api.TF_DeleteBuffer(this.#runOptions);
    this.#status.dispose();
  }

  #parameters(
    { feeds = [], values = [], fetches = [], targets = [], metadata }: RunRequest,
    status = this.#status,
  ) {
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
      status.pointer,
    ];
    return { parameters, outputs };
  }
}
