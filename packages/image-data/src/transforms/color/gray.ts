import * as tf from '@tensorflow/tfjs-core';

/** ITU-R BT.601's luma, as Pillow and MXNet have it; torchvision's tensors take 0.2989 for red. */
const luma = [0.299, 0.587, 0.114];

/** Grey of each pixel, `[batch, height, width, 1]`. */
export function toGray(images: tf.Tensor4D): tf.Tensor4D {
  return tf.sum(tf.mul(images, luma), -1, true);
}
