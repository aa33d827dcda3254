import { checkLambda } from '@bag-of-tricks/mixing';
import { drawUniform, type Random } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';

/** A rectangle of pixels: rows top .. bottom - 1, columns left .. right - 1. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export interface SampleBoxOptions {
  /** Height of the images in pixels. */
  readonly height: number;
  /** Width of the images in pixels. */
  readonly width: number;
  /** The share of the image that stays, from 0 to 1. */
  readonly lambda: number;
  /** Uniform numbers in [0, 1); called twice, for the centre's row and column. */
  readonly random: Random;
}

/**
 * Draws the rectangle that CutMix replaces (Yun et al., 2019, equation 2).
 *
 * Size H sqrt(1 - lambda) by W sqrt(1 - lambda), rounded down; centre uniform over the pixels; clipped to the image, so
 * that it may be smaller than 1 - lambda of it.
 *
 * @param options - `height` and `width` in pixels, `lambda`, `random`.
 * @returns The box, ready for the option `box` of `cutmix`.
 *
 * @example
 * ```ts
 * import { sampleBox } from '@bag-of-tricks/cutmix';
 * import { seededRandom } from '@bag-of-tricks/random';
 *
 * const box = sampleBox({ height: 224, width: 224, lambda: 0.6, random: seededRandom(42) });
 * ```
 *
 * Where paper and code differ: the authors' code halves the size with `// 2` on both sides, which loses a pixel of an
 * odd size; timm keeps it, and so do we.
 *
 * @throws RangeError if a size is not an integer >= 1, lambda is not in [0, 1], or random() leaves [0, 1).
 */
export function sampleBox({ height, width, lambda, random }: SampleBoxOptions): Box {
  checkSize('height', height);
  checkSize('width', width);
  checkLambda('sampleBox', lambda);
  const ratio = Math.sqrt(1 - lambda);
  const [top, bottom] = sampleSide(height, ratio, random);
  const [left, right] = sampleSide(width, ratio, random);
  return { top, left, bottom, right };
}

function sampleSide(size: number, ratio: number, random: Random): [number, number] {
  const cut = Math.floor(size * ratio);
  const centre = Math.floor(size * drawUniform('sampleBox', random));
  return [
    Math.max(centre - Math.floor(cut / 2), 0),
    Math.min(centre + Math.floor((cut + 1) / 2), size),
  ];
}

function checkSize(name: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(
      `sampleBox: expected ${name} to be an integer >= 1, got ${String(size)}. Pass the images' size in pixels.`,
    );
  }
}

/** Refuses boxes that do not lie in the image, and tensors that are not [top, left, bottom, right]. */
export function checkBox(box: Box | tf.Tensor1D, height: number, width: number): void {
  if (box instanceof tf.Tensor) {
    if (box.dtype === 'int32' && box.rank === 1 && box.size === 4) return;
    throw new TypeError(
      `cutmix: expected a box tensor of dtype int32 and shape [4], got ${box.dtype} [${box.shape}]. It holds top, left, bottom, right.`,
    );
  }
  const { top, left, bottom, right } = box;
  const isInside = (start: number, end: number, size: number) =>
    Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= size;
  if (!isInside(top, bottom, height) || !isInside(left, right, width)) {
    throw new RangeError(
      `cutmix: expected a box of whole pixels inside the image of ${height} x ${width}, got ${JSON.stringify(box)}. Draw one with sampleBox.`,
    );
  }
}

/** True inside the box: bool `[1, height, width, 1]`. A tensor that reaches over the edge is clipped by the image. */
export function boxMask(box: Box | tf.Tensor1D, height: number, width: number): tf.Tensor4D {
  // In float32, which has them exactly: a GPU would compare whole numbers in host memory.
  const edges =
    box instanceof tf.Tensor
      ? tf.cast(box, 'float32')
      : tf.tensor1d([box.top, box.left, box.bottom, box.right]);
  const [top, left, bottom, right] = tf.unstack(edges) as [
    tf.Scalar,
    tf.Scalar,
    tf.Scalar,
    tf.Scalar,
  ];
  const rows = tf.reshape(between(top, bottom, height), [1, height, 1, 1]);
  const columns = tf.reshape(between(left, right, width), [1, 1, width, 1]);
  return tf.logicalAnd(rows, columns);
}

function between(start: tf.Scalar, end: tf.Scalar, size: number): tf.Tensor {
  const index = tf.tensor1d(Float32Array.from({ length: size }, (_, i) => i));
  return tf.logicalAnd(tf.greaterEqual(index, start), tf.less(index, end));
}
