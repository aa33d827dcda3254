import * as tf from '@tensorflow/tfjs-core';
import { loadVendor } from '../vendor.ts';

/**
 * Registers the gradients of TensorFlow.js, for all backends, unless they are there: in Node, tfjs-core alone brings none, and importing
 * `@tensorflow/tfjs` does the same. Needs no native library.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { registerGradients } from '@bag-of-tricks/libtensorflow';
 *
 * registerGradients();
 * tf.grad((x) => tf.square(x))(tf.scalar(3)).print(); // 6
 */
export function registerGradients(): void {
  if (tf.getGradient(tf.Relu) === undefined) loadVendor().registerGradients();
}
