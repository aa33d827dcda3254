import * as tf from '@tensorflow/tfjs-core';
import type { Numbers } from './runner.ts';
/**
 * Run a function of tensors to named scalars, read the scalars as numbers, and free everything it made.
 * Eager ops never leave the thread, so it then lets timers fire and signals such as Ctrl-C arrive.
 */
export declare function readScalars<Outputs extends Readonly<Record<string, tf.Scalar>>>(compute: () => Outputs): Promise<Numbers<Outputs>>;
//# sourceMappingURL=read-scalars.d.ts.map