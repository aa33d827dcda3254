import type { GraphOutput } from './graph-prototypes.ts';

/** The ops of tfjs-node's kernels that take a list of tensors, with the number of single inputs after the list. */
const singlesAfterList: Readonly<Record<string, number>> = {
  AddN: 0,
  ConcatV2: 1,
  Einsum: 0,
  Pack: 0,
};

/** Whether the op counts its inputs itself, in an attribute N that must not be given. */
export function takesList(op: string): boolean {
  return op in singlesAfterList;
}

/** Groups the inputs of an op as its definition does: a graph, unlike the eager API, must be told which of them are a list. */
export function groupInputs(
  op: string,
  inputs: readonly GraphOutput[],
): readonly (GraphOutput | readonly GraphOutput[])[] {
  const singles = singlesAfterList[op];
  if (singles === undefined) return inputs;
  const listed = inputs.length - singles;
  return [inputs.slice(0, listed), ...inputs.slice(listed)];
}
