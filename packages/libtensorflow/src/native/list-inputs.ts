import type { GraphOutput } from './graph-prototypes.ts';

/** The ops of our kernels that take a list of tensors, with the number of single inputs before and after the list. */
const singles: Readonly<Record<string, readonly [before: number, after: number]>> = {
  AddN: [0, 0],
  CollectiveReduceV2: [4, 0],
  ConcatV2: [0, 1],
  Einsum: [0, 0],
  MapStage: [2, 0],
  Pack: [0, 0],
  RaggedGather: [0, 2],
  RaggedTensorToTensor: [3, 0],
};

/** Whether the op counts its inputs itself, in an attribute N that must not be given. */
export function takesList(op: string): boolean {
  return op in singles;
}

/** Groups the inputs of an op as its definition does: a graph, unlike the eager API, must be told which of them are a list. */
export function groupInputs(
  op: string,
  inputs: readonly GraphOutput[],
): readonly (GraphOutput | readonly GraphOutput[])[] {
  const around = singles[op];
  if (around === undefined) return inputs;
  const [before, after] = around;
  const end = inputs.length - after;
  return [...inputs.slice(0, before), inputs.slice(before, end), ...inputs.slice(end)];
}
