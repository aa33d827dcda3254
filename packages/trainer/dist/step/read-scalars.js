import * as tf from '@tensorflow/tfjs-core';
/**
 * Run a function of tensors to named scalars, read the scalars as numbers, and free everything it made.
 * Eager ops never leave the thread, so it then lets timers fire and signals such as Ctrl-C arrive.
 */
export async function readScalars(compute) {
    const outputs = tf.tidy(compute);
    try {
        const entries = Object.entries(outputs).map(async ([name, scalar]) => [name, (await scalar.data())[0]]);
        return Object.fromEntries(await Promise.all(entries));
    }
    finally {
        tf.dispose(outputs);
        await new Promise(setImmediate);
    }
}
//# sourceMappingURL=read-scalars.js.map