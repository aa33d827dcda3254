import * as tf from '@tensorflow/tfjs-core';
/** The [name, gradient] pairs of a map; throws when it is empty or holds anything but float32 tensors. */
export declare function checkGradients(caller: string, gradients: tf.NamedTensorMap): [name: string, gradient: tf.Tensor][];
//# sourceMappingURL=gradients.d.ts.map