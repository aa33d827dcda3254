import * as tf from '@tensorflow/tfjs-core';

/** RGB to luma and two axes of colour, and back. */
const toYiq = [
  [0.299, 0.587, 0.114],
  [0.596, -0.274, -0.321],
  [0.211, -0.523, 0.311],
];
const fromYiq = [
  [1, 0.956, 0.621],
  [1, -0.272, -0.647],
  [1, -1.107, 1.705],
];

/**
 * Turns the colour plane of each image by c pi, as MXNet's `HueJitterAug`.
 *
 * rgb := F (Y + cos(c pi) I + sin(c pi) J) T rgb, T into YIQ, F back, Y keeping luma, I keeping the plane, J turning it
 * by 90 degrees.
 */
export function rotateHue(images: tf.Tensor4D, values: tf.Tensor1D): tf.Tensor4D {
  const [batch, height, width] = images.shape;
  const angle = tf.reshape(tf.mul(values, Math.PI), [batch, 1, 1]);
  const through = (plane: number[][]) => transposed(product(product(fromYiq, plane), toYiq));
  const luma = through([
    [1, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  const kept = through([
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  const turned = through([
    [0, 0, 0],
    [0, 0, -1],
    [0, 1, 0],
  ]);
  // [batch, 3, 3]: each image's own matrix, transposed, since pixels are rows.
  const matrices = tf.add(luma, tf.add(tf.mul(tf.cos(angle), kept), tf.mul(tf.sin(angle), turned)));
  const pixels = tf.reshape(images, [batch, height * width, 3]);
  return tf.reshape(tf.matMul(pixels, matrices as tf.Tensor3D), images.shape);
}

function product(a: number[][], b: number[][]): number[][] {
  return a.map((row) =>
    b[0]!.map((_, column) => row.reduce((sum, value, k) => sum + value * b[k]![column]!, 0)),
  );
}

function transposed(a: number[][]): number[][] {
  return a[0]!.map((_, column) => a.map((row) => row[column]!));
}
