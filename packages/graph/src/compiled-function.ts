import { bytesOf, type Pointer } from '@bag-of-tricks/libtensorflow/native';
import type * as tf from '@tensorflow/tfjs-core';
import type { ResolvedInput } from './inputs/input-spec.ts';
import {
  type FedInput,
  feedInput,
  feedInputs,
  freeInputs,
  type InputValue,
  SentInput,
} from './inputs/input-values.ts';
import { Stage } from './inputs/stage.ts';
import { type Results, type TracedResult, toResult } from './outputs/results.ts';
import { takeValue } from './outputs/tensor-value.ts';
import { type Profile, summarise } from './profile/profile.ts';
import type { Program } from './program.ts';
import {
  readState,
  syncState,
  type VariableValue,
  type VariableValues,
  writeState,
} from './state-transfer.ts';
import type { TraceRequest } from './trace/record.ts';
import type { Trace } from './trace/trace.ts';
import { TraceCache, type TraceInfo } from './trace/trace-cache.ts';

/** tf.Variables by names of the caller's choice. */
export type NamedVariables = Readonly<Record<string, tf.Variable>>;

/** A compiled function of any inputs and outputs, of which only the state is of interest. */
export type SharedState = Pick<CompiledFunction<never, undefined>, 'read' | 'sync' | 'write'>;

/** A TensorFlow.js function as a native graph. */
export class CompiledFunction<Inputs, T extends TracedResult> {
  readonly #program: Program;
  readonly #inputs: readonly ResolvedInput[];
  /** Of the inputs whose values wait on a GPU. */
  readonly #stages: ReadonlyMap<string, Stage>;
  readonly #traces: TraceCache;
  readonly #sent = new Set<SentInput>();
  #disposed = false;

  /** @internal */
  constructor(program: Program, request: Omit<TraceRequest, 'shapes' | 'stages'>) {
    this.#program = program.retain();
    this.#inputs = request.inputs;
    const staged = program.hasGpu ? request.inputs.filter(({ ahead }) => ahead) : [];
    this.#stages = new Map(staged.map((input) => [input.name, new Stage(program, input)]));
    this.#traces = new TraceCache(program, { ...request, stages: this.#stages });
  }

  /** @internal The graph and session that other functions may share. */
  static programOf(compiled: SharedState): Program {
    if (#program in compiled && !(compiled as CompiledFunction<never, undefined>).#disposed) {
      return (compiled as CompiledFunction<never, undefined>).#program;
    }
    throw new TypeError(
      'compile: expected shareStateWith to be a compiled function that is not disposed. Pass what compile returned.',
    );
  }

  /** The traces made so far, the first one first. */
  get traces(): readonly TraceInfo[] {
    return this.#traces.infos;
  }

  /**
   * Runs the graph once on another thread; a call waits for the calls before it, unless there are no variables.
   *
   * @throws TypeError or RangeError - for inputs that are not as declared; Error - what TensorFlow
   * reports, or if a state variable was assigned in JavaScript meanwhile.
   */
  run(inputs: Inputs): Promise<Results<T>> {
    return this.#run('run', inputs);
  }

  /** Whether `send` gains anything: where there is a GPU, and an input that is declared `ahead`. */
  get sendsAhead(): boolean {
    return this.#stages.size > 0;
  }

  /**
   * Begins to bring a value to the device while another run goes on, and returns what one later `run` takes in place of it. It is copied before this
   * returns, unless it is a native tensor, which has to stay until that run is over. Without a GPU that copy is all: it is fed as it is.
   *
   * @throws TypeError or RangeError - for an input that is not declared `ahead`, and for values that are not as declared.
   */
  send(name: keyof Inputs & string, value: Exclude<InputValue, SentInput>): SentInput {
    if (this.#disposed) throw wasDisposed('send');
    const input = this.#inputs.find((one) => one.name === name);
    if (!input?.ahead) {
      throw new TypeError(
        `send: expected an input that is declared with ahead: true, got '${name}'. Declare it so, or give its value to run.`,
      );
    }
    const sent = new SentInput(
      input,
      this.#ahead(input, feedInput(this.#program.api, input, value)),
    );
    this.#sent.add(sent);
    return sent;
  }

  /** Runs once, as `run` does, and returns where the time went. */
  async profile(inputs: Inputs): Promise<Profile> {
    const metadata = await bytesOf(this.#program.api, async (buffer) => {
      await this.#run('profile', inputs, buffer);
    });
    return summarise(metadata);
  }

  /** The values that the graph's variables have now; default: all of them, by their tfjs names. */
  read(variables?: NamedVariables): Promise<VariableValues> {
    return this.#enqueue('read', () => readState(this.#program, variables));
  }

  /** Gives variables of the graph new values; default: the values that the tfjs variables have now. */
  write(
    values?: Readonly<Record<string, VariableValue>>,
    variables?: NamedVariables,
  ): Promise<void> {
    return this.#enqueue('write', () => writeState(this.#program, values, variables));
  }

  /** Assigns the graph's values to the tfjs variables. */
  sync(): Promise<void> {
    return this.#enqueue('sync', () => syncState(this.#program));
  }

  /** TensorFlow's GraphDef of all that was traced, serialised. */
  graphDef(): Promise<Uint8Array> {
    const { api, builder } = this.#program;
    return this.#enqueue('graphDef', () => bytesOf(api, (buffer) => builder.writeTo(buffer)));
  }

  /** Frees the graph, its session and its variables, after the runs that wait; tfjs's variables stay. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    // No earlier, for runs that wait take what is there.
    await this.#program.enqueue(async () => {
      for (const sent of this.#sent) sent.drop(this.#program.api);
      for (const stage of this.#stages.values()) await stage.clear();
    });
    await this.#program.release();
  }

  /** Traces `fn` for inputs of these shapes, by name, before the first run with them comes. */
  async prepare(shapes: Readonly<Record<string, readonly number[]>>): Promise<void> {
    const missing = this.#inputs.find(({ name }) => shapes[name] === undefined);
    if (missing) {
      throw new TypeError(
        `prepare: expected a shape for each input, got none for '${missing.name}'. Add it.`,
      );
    }
    await this.trace(this.#inputs.map(({ name }) => shapes[name]!));
  }

  /** @internal Traces `fn` for these sizes now. */
  trace(shapes: readonly (readonly number[])[]): Promise<Trace> {
    return this.#enqueue('compile', () => this.#traces.for(shapes));
  }

  /** The inputs are copied before this returns, so that the caller may fill its arrays anew. */
  async #run(caller: string, inputs: Inputs, metadata?: Pointer): Promise<Results<T>> {
    if (this.#disposed) throw wasDisposed(caller);
    const { api } = this.#program;
    const values = inputs as Readonly<Record<string, InputValue>>;
    const fed = feedInputs(api, this.#inputs, values).map((one, i) =>
      this.#ahead(this.#inputs[i]!, one),
    );
    for (const value of Object.values(values)) {
      if (value instanceof SentInput) this.#sent.delete(value);
    }
    try {
      const shapes = fed.map(({ shape }) => shape);
      const isAlone = !this.#program.store.isEmpty || !this.#traces.has(shapes);
      return await this.#enqueue(caller, () => this.#runFed(fed, metadata), isAlone);
    } finally {
      freeInputs(api, fed);
    }
  }

  /** What is fed in place of a value that is to wait on a GPU, whither it goes now. */
  #ahead({ name }: ResolvedInput, fed: FedInput): FedInput {
    const stage = fed.arrived ? undefined : this.#stages.get(name);
    return stage?.send(fed) ?? fed;
  }

  async #runFed(fed: readonly FedInput[], metadata?: Pointer): Promise<Results<T>> {
    const { api, store } = this.#program;
    // First: the graph does not grow meanwhile, and an error leaves no value of the caller's on its way.
    await Promise.all(fed.map(({ arrived }) => arrived));
    store.requireSynced();
    const { feeds, fetches, update, outputs } = this.#traces.for(fed.map(({ shape }) => shape));
    const tensors = await this.#program.run({
      feeds,
      values: fed.map(({ tensor }) => tensor),
      fetches,
      targets: update === undefined ? [] : [update],
      ...(metadata !== undefined && { metadata }),
    });
    const values = tensors.map((tensor, i) => toResult(takeValue(api, tensor, outputs[i]!)));
    return toResults(outputs, values) as Results<T>;
  }

  async #enqueue<R>(caller: string, task: () => R | Promise<R>, isAlone = true): Promise<R> {
    if (this.#disposed) throw wasDisposed(caller);
    const program = this.#program;
    return isAlone
      ? program.enqueue(async () => task())
      : program.enqueueBeside(async () => task());
  }
}

const wasDisposed = (caller: string) =>
  new Error(`${caller}: this compiled function was disposed. Compile it again.`);

function toResults(outputs: Trace['outputs'], values: readonly unknown[]): unknown {
  if (outputs.length === 0) return undefined;
  if (outputs[0]!.name === undefined) return values[0];
  return Object.fromEntries(outputs.map(({ name }, i) => [name, values[i]]));
}
