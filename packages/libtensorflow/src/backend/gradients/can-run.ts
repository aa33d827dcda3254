import { engine, getBackend, getKernel } from '@tensorflow/tfjs-core';

/**
 * Whether a gradient may call a kernel of ours: tfjs keeps one gradient for all backends, and only ours has the kernel; and
 * where a gradient is differentiated itself, it has to be made of ops that have one.
 */
export function canRun(kernelName: string): boolean {
  return engine().state.gradientDepth === 0 && getKernel(kernelName, getBackend()) !== undefined;
}
