import {
  blend,
  checkBatch,
  checkLambda,
  drawLambda,
  type Partners,
  requireRandom,
  resolvePartners,
  takePartners,
} from '@bag-of-tricks/mixing';
import type { Random } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';
import { type Box, boxMask, checkBox, sampleBox } from './box.ts';

export interface CutmixOptions<B extends Box | tf.Tensor1D = Box> {
  /** Both shapes of the Beta distribution that the wanted lambda is drawn from; 0 means lambda = 1. */
  readonly alpha?: number;
  /** The wanted share of x_i, from 0 to 1, instead of a draw; the box is sized by it. Not together with `box`. */
  readonly lambda?: number;
  /** The box instead of a draw: numbers, or an int32 tensor `[top, left, bottom, right]`, which is not read. */
  readonly box?: B;
  /** Which x_j each x_i is mixed with. */
  readonly permutation?: Partners;
  /** Uniform numbers in [0, 1); needed when `box` is not given. */
  readonly random?: Random;
}

export interface CutmixResult<T extends tf.Tensor, B extends Box | tf.Tensor1D = Box> {
  /** Inputs with the box pasted in, of the inputs' shape and dtype; yours to dispose. */
  readonly inputs: T;
  /** Mixed labels, float32 `[batch, classes]`; yours to dispose. */
  readonly labels: tf.Tensor2D;
  /** The exact share of x_i. A new scalar, yours to dispose, if the box is a tensor. */
  readonly lambda: B extends tf.Tensor ? tf.Scalar : number;
  /** The box used: its numbers, or the very tensor that was passed in (not a copy). */
  readonly box: B;
}

/**
 * Replaces one box of each image by the same box of another one, and mixes their labels by area (Yun et al., 2019).
 *
 * x^ = M * x_i + (1 - M) * x_j with M = 0 in the box, y^ = lam * y_i + (1 - lam) * y_j with
 * lam = 1 - area of the clipped box / (height * width); one box a batch, sized by a draw from Beta(alpha, alpha).
 *
 * @param inputs - `[batch, height, width, channels]`, float32 or int32; the dtype stays, since nothing is averaged.
 * @param labels - `[batch, classes]`, one-hot or soft; int32 is cast. To smooth labels, smooth first, then mix.
 * @param options - `alpha` = 1 (a number >= 0), `lambda` (drawn unless given), `box` (drawn unless given),
 *   `permutation` = `'reversed'`, `random`. Draws are lambda, then the box's centre.
 * @returns Two new tensors, `inputs` and `labels`, the exact `lambda` and the `box` used.
 *
 * @example
 * ```ts
 * import { cutmix } from '@bag-of-tricks/cutmix';
 * import { seededRandom } from '@bag-of-tricks/random';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const random = seededRandom(42);
 * const images = tf.randomUniform<tf.Rank.R4>([8, 32, 32, 3]);
 * const labels = tf.oneHot(tf.range(0, 8, 1, 'int32'), 10);
 * const mixed = cutmix(images, labels, { alpha: 1, random });
 * ```
 *
 * Where the paper and code differ: the paper weighs labels by the drawn lambda; the authors' code and timm by the area
 * left after clipping, as here. CutMix is not part of He et al., 2019.
 *
 * @throws TypeError if labels are class indices, a dtype does not fit, `random` is missing, or both lambda and box are given.
 * @throws RangeError if shapes do not fit, or alpha, lambda, box or permutation is out of range.
 */
export function cutmix<T extends tf.Tensor, B extends Box | tf.Tensor1D = Box>(
  inputs: T,
  labels: tf.Tensor,
  { alpha = 1, lambda, box, permutation = 'reversed', random }: CutmixOptions<B> = {},
): CutmixResult<T, B> {
  checkBatch('cutmix', inputs, labels);
  const [batch, height, width] = imageShape(inputs);
  if (lambda !== undefined && box !== undefined) {
    throw new TypeError(
      `cutmix: expected lambda or box, got both. The box alone decides the exact lambda.`,
    );
  }
  const used = box ?? drawBox(height, width, alpha, lambda, random);
  checkBox(used, height, width);
  const mixed = tf.tidy(() => {
    const mask = boxMask(used, height, width);
    const lam =
      used instanceof tf.Tensor
        ? tf.sub<tf.Scalar>(1, tf.mean(tf.cast(mask, 'float32')))
        : 1 - areaOf(used) / (height * width);
    const partners = resolvePartners('cutmix', permutation, batch);
    return {
      inputs: tf.where(mask, takePartners(inputs, partners), inputs),
      labels: blend(labels, takePartners(labels, partners), lam),
      lambda: lam,
    };
  });
  return { ...mixed, box: used } as CutmixResult<T, B>;
}

function drawBox(
  height: number,
  width: number,
  alpha: number,
  lambda: number | undefined,
  random: Random | undefined,
): Box {
  const source = requireRandom('cutmix', 'box', random);
  const wanted = lambda ?? drawLambda('cutmix', alpha, source);
  checkLambda('cutmix', wanted);
  return sampleBox({ height, width, lambda: wanted, random: source });
}

function areaOf({ top, left, bottom, right }: Box): number {
  return (bottom - top) * (right - left);
}

function imageShape(inputs: tf.Tensor): [number, number, number] {
  const [batch, height, width] = inputs.shape;
  if (inputs.rank !== 4 || height === 0 || width === 0) {
    throw new RangeError(
      `cutmix: expected inputs of shape [batch, height, width, channels], got [${inputs.shape}]. Only images can be cut; mixup takes any shape.`,
    );
  }
  return [batch!, height!, width!];
}
