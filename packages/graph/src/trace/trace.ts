import { DataType, type GraphOutput, type Pointer } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import type { ResolvedInput } from '../inputs/input-spec.ts';
import { shapeAttribute, typeAttribute } from '../native/attributes.ts';
import type { GraphBuilder } from '../native/graph-builder.ts';
import type { TracedResult } from '../outputs/results.ts';
import type { OutputSpec } from '../outputs/tensor-value.ts';
import type { Program } from '../program.ts';
import type { StateStore } from '../state-store.ts';
import { withoutValueChecks } from './check-kernels.ts';
import { GraphBinding } from './graph-binding.ts';
import { type NodeBackend, requireNodeBackend } from './node-backend.ts';
import { withRandomGuard } from './random-guard.ts';
import { Survivors } from './survivors.ts';
import { TraceStorage } from './trace-storage.ts';
import { readOutputs } from './traced-outputs.ts';
import { TracedVariables, type Update } from './traced-variables.ts';

/** `fn` for one set of input shapes, as a part of the program's graph. */
export interface Trace {
  /** The placeholder of each input. */
  readonly feeds: readonly GraphOutput[];
  readonly outputs: readonly (OutputSpec & { readonly name: string | undefined })[];
  readonly fetches: readonly GraphOutput[];
  /** The operation that makes all assignments, if `fn` has any. */
  readonly update: Pointer | undefined;
  readonly nodeCount: number;
  readonly milliseconds: number;
}

export interface TraceRequest {
  readonly fn: (inputs: never) => TracedResult;
  readonly inputs: readonly ResolvedInput[];
  /** The size of each input. */
  readonly shapes: readonly (readonly number[])[];
  readonly variables: readonly tf.Variable[];
  readonly maxConstantBytes: number;
}

/** Runs `fn` once on symbols and adds what it does to the program's graph. */
export function trace(program: Program, request: TraceRequest): Trace {
  const start = performance.now();
  const { builder, store } = program;
  const nodesBefore = builder.nodeCount;
  const entriesBefore = new Set(store.entries);
  const backend = requireNodeBackend();
  const graph = new GraphBinding(builder, backend.binding, request.maxConstantBytes);
  const storage = new TraceStorage(backend.tensorMap, backend.binding, graph);
  const variables = new TracedVariables(backend, graph, store);
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
  const survivors = new Survivors(backend, graph, storage.survivors);
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

type Recorded = Omit<Trace, 'nodeCount' | 'milliseconds'>;

/** Runs `fn` inside of a tidy and notes its outputs and assignments. */
function record(
  { builder, store }: Program,
  { fn, inputs, shapes, variables: declared }: TraceRequest,
  backend: NodeBackend,
  graph: GraphBinding,
  variables: TracedVariables,
): Recorded {
  let recorded: Recorded | undefined;
  tf.tidy(() => {
    const feeds: GraphOutput[] = [];
    const tensors: Record<string, tf.Tensor> = {};
    inputs.forEach((input, i) => {
      const shape = [...shapes[i]!];
      const { feed, id, dtype } = placeholder(builder, graph, input, shape);
      feeds.push(feed);
      tensors[input.name] = backend.createOutputTensor({ id, shape, dtype });
    });
    const result = fn(tensors as never);
    const outputs = readOutputs(result, (tensor) =>
      graph.resolve(backend.getInputTensorIds([tensor])[0]!),
    );
    if (graph.readError !== undefined) throw graph.readError;
    for (const variable of declared) variables.declare(variable);
    const updates = variables.updates();
    if (outputs.length === 0 && updates.length === 0) {
      throw new Error(
        'compile: expected fn to return tensors or to assign variables, got neither.',
      );
    }
    recorded = {
      feeds,
      outputs,
      fetches: outputs.map(({ name, output }) => ({
        oper: builder.node('Identity', { name: `outputs/${name ?? 'value'}`, inputs: [output] }),
        index: 0,
      })),
      update: updates.length === 0 ? undefined : updateAll(builder, store, updates),
    };
  });
  return recorded!;
}

function placeholder(
  builder: GraphBuilder,
  graph: GraphBinding,
  { name, dtype, nativeType }: ResolvedInput,
  shape: readonly number[],
) {
  const attributes = [typeAttribute('dtype', nativeType), shapeAttribute('shape', shape)];
  const feed = {
    oper: builder.node('Placeholder', { name: `inputs/${name}`, attributes }),
    index: 0,
  };
  const origin = `input '${name}'`;
  if (dtype === 'uint8') {
    return { feed, id: graph.reserveBytes(shape, feed, origin), dtype: DataType.INT32 };
  }
  const id = graph.reserve({ shape, dtype: nativeType, origin, output: feed });
  return { feed, id, dtype: nativeType };
}

/** One operation that stands for all assignments, each after the old value was read. */
function updateAll(builder: GraphBuilder, store: StateStore, updates: readonly Update[]): Pointer {
  const assignments = updates.map(({ entry, value }) =>
    store.assign(entry.handle, value, entry.dtype, `state/${entry.variable.name}/assign`, [
      entry.value.oper,
    ]),
  );
  return builder.node('NoOp', { name: 'update', after: assignments });
}

/** Runs `action` while tfjs's kernels add nodes to the graph. */
function withSwapped<T>(
  backend: NodeBackend,
  graph: GraphBinding,
  storage: TraceStorage,
  action: () => T,
): T {
  const { binding, tensorMap } = backend;
  backend.binding = graph.binding;
  backend.tensorMap = storage;
  // `data()` would reject a promise that nobody may be waiting for; the graph binding remembers the error.
  backend.read = async (dataId) =>
    attempt(() => backend.readSync(dataId)).value ?? new Promise<never>(() => {});
  try {
    return withRandomGuard(() => withoutValueChecks(graph, action));
  } finally {
    Reflect.deleteProperty(backend, 'read');
    backend.tensorMap = tensorMap;
    backend.binding = binding;
  }
}

function attempt<T>(action: () => T): { value: T } | { value?: undefined; error: unknown } {
  try {
    return { value: action() };
  } catch (error) {
    return { error };
  }
}
