import type { Program } from '../program.ts';
import type { TraceRequest } from './record.ts';
import { type Trace, trace } from './trace.ts';

/** What was traced for one set of input shapes. */
export interface TraceInfo {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Operations that the trace added to the graph. */
  readonly nodeCount: number;
  readonly milliseconds: number;
}

/** The traces of a function: one for each set of input shapes. */
export class TraceCache {
  readonly #program: Program;
  readonly #request: Omit<TraceRequest, 'shapes'>;
  readonly #traces = new Map<string, { trace: Trace; info: TraceInfo }>();

  constructor(program: Program, request: Omit<TraceRequest, 'shapes'>) {
    this.#program = program;
    this.#request = request;
  }

  get infos(): readonly TraceInfo[] {
    return [...this.#traces.values()].map(({ info }) => info);
  }

  /** Whether these shapes were traced. */
  has(shapes: readonly (readonly number[])[]): boolean {
    return this.#traces.has(JSON.stringify(shapes));
  }

  /** The trace for these shapes, made on the first call. */
  for(shapes: readonly (readonly number[])[]): Trace {
    const key = JSON.stringify(shapes);
    const known = this.#traces.get(key);
    if (known !== undefined) return known.trace;
    const traced = trace(this.#program, { ...this.#request, shapes });
    const { nodeCount, milliseconds } = traced;
    const named = this.#request.inputs.map(({ name }, i) => [name, shapes[i]!]);
    const info = { shapes: Object.fromEntries(named), nodeCount, milliseconds };
    this.#traces.set(key, { trace: traced, info });
    return traced;
  }
}
