import * as tf from '@tensorflow/tfjs-core';
import { checkGradients } from './all-finite.ts';

/**
 * Multiplies the loss by the scale, so that small gradients survive FP16 (He et al. 2019, section 3.2).
 *
 * ```
 * scaled = loss * scale
 * ```
 *
 * `loss` is a float32 tensor, usually a scalar; `scale` a number > 0 or a float32 scalar tensor, which is not read and so
 * can be an input of a compiled step. The result belongs to the caller.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { scaleLoss } from '@bag-of-tricks/amp';
 *
 * scaleLoss(tf.scalar(0.5), 1024).print(); // 512
 * ```
 *
 * @throws RangeError for a scale that is not finite and positive, TypeError for a scale that is no float32 scalar.
 */
export function scaleLoss<T extends tf.Tensor>(loss: T, scale: number | tf.Scalar): T {
  checkScale('scaleLoss', scale);
  return tf.mul(loss, scale);
}

/**
 * Divides the gradients of a scaled loss by the scale, in FP32 (He et al. 2019, section 3.2).
 *
 * ```
 * unscaled[name] = gradients[name] / scale
 * ```
 *
 * `gradients` are float32 tensors of any shapes by name; Inf and NaN stay what they are. `scale` is a number > 0 or a float32 scalar
 * tensor. Returns new tensors under the same names, which belong to the caller; the inputs are left alone.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { unscaleGradients } from '@bag-of-tricks/amp';
 *
 * unscaleGradients({ weight: tf.tensor1d([512, -1024]) }, 1024).weight.print(); // [0.5, -1]
 * ```
 *
 * Where implementations differ: PyTorch multiplies by the reciprocal. For powers of two, the only scales that a dynamic
 * scale with its default factors takes, both are exact.
 *
 * @throws RangeError for a scale that is not finite and positive, Error without gradients, TypeError when an entry is no float32 tensor.
 */
export function unscaleGradients<Gradients extends tf.NamedTensorMap>(
  gradients: Gradients,
  scale: number | tf.Scalar,
): { [Name in keyof Gradients]: tf.Tensor } {
  checkScale('unscaleGradients', scale);
  const entries = checkGradients('unscaleGradients', gradients);
  return tf.tidy(() => {
    const divisor = typeof scale === 'number' ? tf.scalar(scale) : scale;
    const unscaled = entries.map(([name, gradient]) => [name, tf.div(gradient, divisor)]);
    return Object.fromEntries(unscaled);
  });
}

function checkScale(caller: string, scale: number | tf.Scalar): void {
  if (typeof scale === 'number') {
    if (!(Number.isFinite(scale) && scale > 0)) {
      throw new RangeError(
        `${caller}: expected scale to be finite and > 0, got ${scale}. 1 leaves everything as it is.`,
      );
    }
  } else if (scale?.rank !== 0 || scale.dtype !== 'float32') {
    throw new TypeError(
      `${caller}: expected scale to be a number or a float32 scalar tensor, got ${scale ? `${scale.dtype} of shape [${scale.shape}]` : scale}. Use tf.scalar(value).`,
    );
  }
}
