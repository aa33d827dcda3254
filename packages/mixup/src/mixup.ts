import {
  blend,
  checkBatch,
  checkLambda,
  drawLambda,
  type Partners,
  resolvePartners,
  takePartners,
} from '@bag-of-tricks/mixing';
import type { Random } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';

export interface MixupOptions<L extends number | tf.Scalar = number> {
  /** Both shapes of the Beta distribution that lambda is drawn from; 0 means lambda = 1. Unused when `lambda` is given. */
  readonly alpha?: number;
  /** The share of x_i, from 0 to 1, instead of a draw. A scalar tensor is not read. */
  readonly lambda?: L;
  /** Which x_j each x_i is mixed with. */
  readonly permutation?: Partners;
  /** Uniform numbers in [0, 1); needed when `lambda` is not given and alpha > 0. */
  readonly random?: Random;
}

export interface MixupResult<T extends tf.Tensor, L extends number | tf.Scalar = number> {
  /** Mixed inputs, float32, in the shape of the inputs; yours to dispose. */
  readonly inputs: T;
  /** Mixed labels, float32 `[batch, classes]`; yours to dispose. */
  readonly labels: tf.Tensor2D;
  /** The lambda used: the number, or the very tensor that was passed in (not a copy). */
  readonly lambda: L extends number ? number : L;
}

/**
 * Mixes each example of a batch with another one (Zhang et al., 2018; He et al., 2019, section 5.4).
 *
 * x^ = lam * x_i + (1 - lam) * x_j and y^ = lam * y_i + (1 - lam) * y_j, with one lam ~ Beta(alpha, alpha) a batch.
 *
 * @param inputs - `[batch, ...]` of any rank >= 1, float32, or int32 (such as pixels 0..255), which is cast to float32.
 * @param labels - `[batch, classes]`, one-hot or soft; int32 is cast. To smooth labels, smooth first, then mix.
 * @param options - `alpha` = 0.2 (a number >= 0), `lambda` (drawn unless given), `permutation` = `'reversed'`, `random`.
 * @returns Two new tensors, `inputs` and `labels`, and the `lambda` used.
 *
 * @example
 * ```ts
 * import { mixup } from '@bag-of-tricks/mixup';
 * import { seededRandom } from '@bag-of-tricks/random';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const random = seededRandom(42);
 * const images = tf.randomUniform([8, 32, 32, 3]);
 * const labels = tf.oneHot(tf.range(0, 8, 1, 'int32'), 10);
 * const mixed = mixup(images, labels, { alpha: 0.2, random });
 * ```
 *
 * Where the paper and code differ: the paper mixes "two examples" drawn at random; the reference code (gluon-cv) and
 * timm's batch mode take the reversed batch, which is the default here. Zhang et al. use a random permutation:
 * `permutation: permutation(batch, random)`. timm wants an even batch; here the middle of an odd one stays as it is.
 *
 * @throws TypeError if labels are class indices, a dtype does not fit, or `random` is missing.
 * @throws RangeError if shapes do not fit, or alpha, lambda or permutation is out of range.
 */
export function mixup<T extends tf.Tensor, L extends number | tf.Scalar = number>(
  inputs: T,
  labels: tf.Tensor,
  { alpha = 0.2, lambda, permutation = 'reversed', random }: MixupOptions<L> = {},
): MixupResult<T, L> {
  checkBatch('mixup', inputs, labels);
  const lam: number | tf.Scalar = lambda ?? drawLambda('mixup', alpha, random);
  checkLambda('mixup', lam);
  const mixed = tf.tidy(() => {
    const partners = resolvePartners('mixup', permutation, inputs.shape[0]!);
    return {
      inputs: blend(inputs, takePartners(inputs, partners), lam),
      labels: blend(labels, takePartners(labels, partners), lam),
    };
  });
  return { ...mixed, lambda: lam as MixupResult<T, L>['lambda'] };
}
