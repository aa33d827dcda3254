import { engine, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';

/** The inputs of the kernel that computed a tensor, if the tape knows it and it is of this name. */
export function inputsOf({ id }: Tensor, kernelName: string): NamedTensorMap | undefined {
  return engine().state.activeTape?.findLast(
    (node) => node.kernelName === kernelName && node.outputs.some((output) => output.id === id),
  )?.inputs;
}
