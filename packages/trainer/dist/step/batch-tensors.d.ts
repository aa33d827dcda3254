import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/dataset.ts';
/** A batch as int32 tensors, which the caller disposes (or a surrounding `tf.tidy`). */
export declare function batchTensors({ images, labels, size }: Batch, imageShape: readonly [number, number, number]): {
    images: tf.Tensor4D;
    labels: tf.Tensor1D;
};
//# sourceMappingURL=batch-tensors.d.ts.map