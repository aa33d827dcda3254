import * as tf from '@tensorflow/tfjs-core';
import { sampleBeta } from './beta.ts';
import type { Random } from './random.ts';
import { requireRandom } from './uniform.ts';

/** lam ~ Beta(alpha, alpha); alpha 0 means no mixing, lam = 1, as in the reference code. */
export function drawLambda(caller: string, alpha: number, random: Random | undefined): number {
  if (alpha === 0) return 1;
  if (!(alpha > 0 && Number.isFinite(alpha))) {
    throw new RangeError(
      `${caller}: expected alpha to be a finite number >= 0, got ${String(alpha)}. The paper uses 0.2.`,
    );
  }
  return sampleBeta(alpha, alpha, requireRandom(caller, 'lambda', random));
}

/** Refuses numbers outside [0, 1] and tensors that are not one float. */
export function checkLambda(caller: string, lambda: number | tf.Scalar): void {
  if (lambda instanceof tf.Tensor) {
    if (lambda.rank === 0 && lambda.dtype === 'float32') return;
    throw new TypeError(
      `${caller}: expected lambda to be a number or a float32 scalar, got ${lambda.dtype} [${lambda.shape}]. One lambda serves the whole batch.`,
    );
  }
  if (!(lambda >= 0 && lambda <= 1)) {
    throw new RangeError(
      `${caller}: expected lambda to be a number from 0 to 1, got ${String(lambda)}. It is the share of each example itself.`,
    );
  }
}
