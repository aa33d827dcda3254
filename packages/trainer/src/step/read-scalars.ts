import * as tf from '@tensorflow/tfjs-core';
import type { Numbers } from './runner.ts';

/**
 * Run a function of tensors to named scalars, read the scalars as numbers, and free everything it made.
 * Eager ops never leave the thread, so it then lets timers fire and signals such as Ctrl-C arrive.
 */
export async function readScalars<Outputs extends Readonly<Record<string, tf.Scalar>>>(
  compute: () => Outputs,
): Promise<Numbers<Outputs>> {
  const outputs: tf.NamedTensorMap = tf.tidy(compute);
  try {
    const entries = Object.entries(outputs).map(
      async ([name, scalar]) => [name, (await scalar.data())[0]!] as const,
    );
    return Object.fromEntries(await Promise.all(entries)) as Numbers<Outputs>;
  } finally {
    tf.dispose(outputs);
    await new Promise(setImmediate);
  }
}
