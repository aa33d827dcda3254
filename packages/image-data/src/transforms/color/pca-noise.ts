import * as tf from '@tensorflow/tfjs-core';
import { requireCoefficients, requireImages } from './check-images.ts';

/** Of the covariance of ImageNet's RGB pixels, 0 to 255: the square roots of its eigenvalues, as MXNet states them. */
const eigenvalues = [55.46, 4.794, 1.148];
/** One eigenvector a column. */
const eigenvectors = [
  [-0.5675, 0.7192, 0.4009],
  [-0.5808, -0.0045, -0.814],
  [-0.5836, -0.6948, 0.4203],
];

/**
 * Shifts all pixels of each image along the principal colours of ImageNet (He et al. 2019, section 2.1; Krizhevsky et
 * al. 2012, section 4.1): rgb := rgb + V (alpha * lambda), alpha_k ~ N(0, 0.1); see `drawPcaNoise`.
 *
 * Does not clip, as MXNet's `LightingAug`. Reads no values, so that it can be compiled into a graph.
 *
 * @param images - `[batch, height, width, 3]`, 0 to 255; int32 is cast.
 * @param alphas - float32 `[batch, 3]`.
 * @returns float32, in the shape of the images; yours to dispose.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * import { drawPcaNoise, pcaNoise } from '@bag-of-tricks/image-data';
 *
 * const images = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 100);
 * const shifted = pcaNoise(images, tf.tensor2d([drawPcaNoise(Math.random)]));
 *
 * @throws RangeError - if a shape does not fit.
 */
export function pcaNoise(images: tf.Tensor4D, alphas: tf.Tensor2D): tf.Tensor4D {
  requireImages('pcaNoise', images);
  requireCoefficients('pcaNoise', 'alphas', alphas, [images.shape[0], 3]);
  return tf.tidy(() => {
    const shifts = tf.matMul(tf.mul(alphas, eigenvalues), eigenvectors, false, true);
    return tf.add(tf.cast(images, 'float32'), tf.reshape(shifts, [-1, 1, 1, 3]));
  });
}
