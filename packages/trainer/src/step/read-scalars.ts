import * as tf from '@tensorflow/tfjs-core';

/**
 * Run a function of tensors to named scalars, read the scalars as numbers, and free everything it made.
 * Eager ops never leave the thread, so it then lets timers fire and signals such as Ctrl-C arrive.
 */
export async function readScalars<Name extends string>(
  compute: () => Readonly<Record<Name, tf.Scalar>>,
): Promise<Record<Name, number>> {
  const outputs = tf.tidy(compute as () => tf.NamedTensorMap);
  try {
    const entries = Object.entries(outputs).map(
      async ([name, scalar]) => [name, (await scalar.data())[0]!] as const,
    );
    return Object.fromEntries(await Promise.all(entries)) as Record<Name, number>;
  } finally {
    tf.dispose(outputs);
    await new Promise(setImmediate);
  }
}
