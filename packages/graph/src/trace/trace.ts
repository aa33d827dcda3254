import type { Program } from '../program.ts';
import { attempt } from './attempt.ts';
import { GraphBinding } from './graph-binding.ts';
import { requireNodeBackend } from './node-backend.ts';
import { type Recording, record, type TraceRequest } from './record.ts';
import { Survivors } from './survivors.ts';
import { withSwapped } from './swap.ts';
import { TraceStorage } from './trace-storage.ts';
import { TracedVariables } from './traced-variables.ts';

/** `fn` for one set of input shapes, as a part of the program's graph. */
export interface Trace extends Recording {
  readonly nodeCount: number;
  readonly milliseconds: number;
}

/** Runs `fn` once on symbols and adds what it does to the program's graph. */
export function trace(program: Program, request: TraceRequest): Trace {
  const start = performance.now();
  const { builder, store } = program;
  const nodesBefore = builder.nodeCount;
  const entriesBefore = new Set(store.entries);
  const backend = requireNodeBackend('compile');
  const graph = new GraphBinding(builder, backend.binding, request.maxConstantBytes);
  const storage = new TraceStorage(backend, graph, program.captured);
  const variables = new TracedVariables(backend, graph.symbols, store);
  const recorded = attempt(() =>
    withSwapped(backend, graph, storage, () => {
      variables.lend();
      try {
        return variables.withNewVariables(() =>
          record(program, request, backend, graph, variables),
        );
      } finally {
        variables.restore();
      }
    }),
  );
  const survivors = new Survivors(backend, graph.symbols, storage.survivors);
  try {
    if ('error' in recorded) throw recorded.error;
    program.assign(store.unsynced.filter(({ variable }) => !survivors.isPending(variable)));
    survivors.evaluate((outputs) => program.evaluate(outputs));
    program.assign(store.unsynced);
    const nodeCount = builder.nodeCount - nodesBefore;
    return { ...recorded.value, nodeCount, milliseconds: performance.now() - start };
  } catch (error) {
    store.forget(store.entries.filter((entry) => !entriesBefore.has(entry)));
    survivors.abandon((outputs) => program.evaluate(outputs));
    throw error;
  } finally {
    variables.release();
  }
}
