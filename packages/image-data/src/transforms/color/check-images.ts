import type * as tf from '@tensorflow/tfjs-core';

export function requireImages(caller: string, { shape }: tf.Tensor4D): void {
  if (shape.length === 4 && shape[3] === 3) return;
  throw new RangeError(
    `${caller}: expected images of shape [batch, height, width, 3], got [${shape}].`,
  );
}

export function requireCoefficients(
  caller: string,
  name: string,
  { shape }: tf.Tensor,
  wanted: readonly number[],
): void {
  if (shape.length === wanted.length && shape.every((size, axis) => size === wanted[axis])) return;
  throw new RangeError(
    `${caller}: expected ${name} of shape [${wanted}], one row an image, got [${shape}].`,
  );
}
