import * as tf from '@tensorflow/tfjs-core';
import { checkNumeric, checkTemperature } from './check.ts';

export interface SoftTargetsOptions {
  /** What the distribution is softened by, from 1e-3 to 1e3; 1 is the plain softmax. */
  readonly temperature?: number;
}

/**
 * The softened probabilities of a model (Hinton et al., 2015; He et al., 2019, section 5.3).
 *
 * softmax(r/T) over the last axis, in FP32.
 *
 * @param logits - r, `[..., classes]`, before any softmax; int32 is cast.
 * @param options - `temperature` = 20.
 * @returns A new float32 tensor in the shape of the logits. It has a gradient; `distillationLoss` needs no such tensor.
 *
 * @example
 * ```ts
 * const dark = softTargets(tf.tensor2d([[9, 3, 0]]), { temperature: 4 }); // 0.75, 0.17, 0.08
 * ```
 *
 * @throws RangeError if the temperature is out of range or the logits are a scalar.
 * @throws TypeError if the logits are not numbers.
 */
export function softTargets<T extends tf.Tensor>(
  logits: T,
  { temperature = 20 }: SoftTargetsOptions = {},
): T {
  checkTemperature('softTargets', temperature);
  checkNumeric('softTargets', 'logits', logits);
  if (logits.rank < 1) {
    throw new RangeError(
      `softTargets: expected logits of shape [..., classes], got a scalar. Put the classes on the last axis.`,
    );
  }
  return tf.tidy(() => tf.softmax(tf.div(tf.cast(logits, 'float32'), temperature)) as T);
}
