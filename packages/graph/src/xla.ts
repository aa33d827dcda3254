import type { Device } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';

/** Without it, TensorFlow's XLA leaves the CPU alone. */
const cpuFlag = '--tf_xla_cpu_global_jit';

/** Whether the flag was set before TensorFlow read its flags. */
let isSetInTime = false;

/** Allows XLA on the CPU, if TensorFlow is not loaded yet: it reads its flags once. */
export function allowXla(): void {
  const flags = process.env.TF_XLA_FLAGS ?? '';
  if (flags.includes(cpuFlag)) {
    isSetInTime = true;
  } else if (tf.findBackend('tensorflow') === null) {
    process.env.TF_XLA_FLAGS = `${flags} ${cpuFlag}`.trim();
    isSetInTime = true;
  }
}

/** Says so where XLA was asked for and cannot be had; the graph then runs without it. */
export function warnIfWithoutXla(devices: readonly Device[]): void {
  if (isSetInTime || devices.some(({ type }) => type === 'GPU')) return;
  console.warn(
    'compile: XLA was asked for, but TensorFlow was loaded without it; the graph runs without XLA. ' +
      `Set TF_XLA_FLAGS=${cpuFlag} before the process starts, or compile before the backend is registered.`,
  );
}
