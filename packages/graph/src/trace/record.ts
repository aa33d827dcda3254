import type { GraphOutput, NodeBackend, Pointer } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import type { ResolvedInput } from '../inputs/input-spec.ts';
import type { Stage } from '../inputs/stage.ts';
import type { TracedResult } from '../outputs/results.ts';
import type { OutputSpec } from '../outputs/tensor-value.ts';
import type { Program } from '../program.ts';
import { FusedUpdates } from './fused-updates.ts';
import type { GraphBinding } from './graph-binding.ts';
import { placeholder } from './placeholder.ts';
import { readOutputs } from './traced-outputs.ts';
import type { TracedVariables } from './traced-variables.ts';
import { addUpdates } from './updates.ts';

export interface TraceRequest {
  readonly fn: (inputs: never) => TracedResult;
  readonly inputs: readonly ResolvedInput[];
  /** Of the inputs whose values wait on the device. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** The size of each input. */
  readonly shapes: readonly (readonly number[])[];
  readonly variables: readonly tf.Variable[];
  readonly maxConstantBytes: number;
}

/** Where a trace's inputs, outputs and assignments are in the graph. */
export interface Recording {
  /** The placeholder of each input. */
  readonly feeds: readonly GraphOutput[];
  readonly outputs: readonly (OutputSpec & { readonly name: string | undefined })[];
  readonly fetches: readonly GraphOutput[];
  /** The operation that makes all assignments, if `fn` has any. */
  readonly update: Pointer | undefined;
}

/** Runs `fn` inside of a tidy and notes its outputs and assignments. */
export function record(
  { builder, store }: Program,
  { fn, inputs, stages, shapes, variables: declared }: TraceRequest,
  backend: NodeBackend,
  graph: GraphBinding,
  variables: TracedVariables,
): Recording {
  let recording: Recording | undefined;
  tf.tidy(() => {
    const feeds: GraphOutput[] = [];
    const tensors: Record<string, tf.Tensor> = {};
    inputs.forEach((input, i) => {
      const shape = [...shapes[i]!];
      const { feed, id, dtype } = placeholder(
        builder,
        graph.symbols,
        input,
        shape,
        stages.get(input.name),
      );
      feeds.push(feed);
      tensors[input.name] = backend.createOutputTensor({ id, shape, dtype });
    });
    const inPlace = new FusedUpdates(backend, graph.symbols);
    const result = inPlace.during(() => fn(tensors as never));
    const outputs = readOutputs(result, (tensor) =>
      graph.symbols.resolve(backend.getInputTensorIds([tensor])[0]!),
    );
    if (graph.readError !== undefined) throw graph.readError;
    for (const variable of declared) variables.declare(variable);
    const updates = variables.updates();
    if (outputs.length === 0 && updates.length === 0) {
      throw new Error(
        'compile: expected fn to return tensors or to assign variables, got neither.',
      );
    }
    recording = {
      feeds,
      outputs,
      fetches: outputs.map(({ name, output }) => ({
        oper: builder.node('Identity', { name: `outputs/${name ?? 'value'}`, inputs: [output] }),
        index: 0,
      })),
      update:
        updates.length === 0
          ? undefined
          : addUpdates(builder, store, graph.symbols, updates, inPlace),
    };
  });
  return recording!;
}
