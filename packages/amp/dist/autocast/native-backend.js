import * as tf from '@tensorflow/tfjs-core';
/** The current backend, or `undefined` where it does not run on TensorFlow's C library. */
export function findNativeBackend() {
    const backend = tf.backend();
    const isNative = typeof backend.binding?.executeOp === 'function';
    return isNative ? backend : undefined;
}
/**
 * The current backend.
 *
 * @throws Error where it does not run on TensorFlow's C library.
 */
export function requireNativeBackend(caller) {
    const backend = findNativeBackend();
    if (backend !== undefined)
        return backend;
    throw new Error(`${caller}: expected the backend 'tensorflow', got '${tf.getBackend()}', which computes in float32 only. ` +
        'Call await registerTensorFlowBackend() of @bag-of-tricks/libtensorflow first, or train without autocast.');
}
//# sourceMappingURL=native-backend.js.map