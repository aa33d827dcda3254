import { elementwiseKernels } from './elementwise.ts';
import { imageKernels } from './images.ts';
import type { KernelExamples } from './inputs.ts';
import { otherKernels } from './others.ts';
import { raggedKernels } from './ragged.ts';

export { type Examples, exampleInputs } from './inputs.ts';

/** One call for every kernel that is registered, which runs it. */
export const kernelExamples: KernelExamples = {
  ...elementwiseKernels,
  ...imageKernels,
  ...otherKernels,
  ...raggedKernels,
};

/** Kernels whose outputs are random: they are compiled, not compared. */
export const randomKernels: ReadonlySet<string> = new Set(['Multinomial']);
