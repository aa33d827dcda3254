import * as tf from '@tensorflow/tfjs-core';
/** A batch as int32 tensors, which the caller disposes (or a surrounding `tf.tidy`). */
export function batchTensors({ images, labels, size }, imageShape) {
    return {
        images: tf.tensor4d(images, [size, ...imageShape], 'int32'),
        labels: tf.tensor1d(labels, 'int32'),
    };
}
//# sourceMappingURL=batch-tensors.js.map