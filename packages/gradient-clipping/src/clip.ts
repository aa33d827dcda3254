import * as tf from '@tensorflow/tfjs-core';

/** A hyper-parameter that may vary per step: a plain number or a scalar tensor (which a compiled graph can take as an input). */
export type NumberOrScalar = number | tf.Scalar;

/** Added to the norm before the division, as PyTorch does. */
const EPSILON = 1e-6;

export interface ClipByGlobalNormOptions {
  /** The largest norm that all gradients together may have, > 0. */
  readonly maxNorm: NumberOrScalar;
}

export interface ClippedGradients {
  /** The gradients by the same names, new tensors. */
  readonly gradients: tf.NamedTensorMap;
  /** The global norm before clipping. */
  readonly norm: tf.Scalar;
}

export interface ClipByValueOptions {
  /** The largest absolute value of any element, > 0. */
  readonly maxValue: number;
}

/**
 * The Euclidean norm of all gradients together, `sqrt(sum over all elements of g^2)`, as a scalar.
 *
 * `gradients` are float32 tensors by name, of any shapes. No value is read; the result belongs to the caller.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { globalNorm } from '@bag-of-tricks/gradient-clipping';
 *
 * globalNorm({ w: tf.tensor1d([3, 0]), b: tf.scalar(4) }).print(); // 5
 * ```
 * @throws TypeError if a gradient is no float32 tensor, Error if there is none.
 */
export function globalNorm(gradients: tf.NamedTensorMap): tf.Scalar {
  checkGradients('globalNorm', gradients);
  // No addN: TensorFlow begins with the input whose memory it may reuse, which differs from run to run, and so do the last bits.
  return tf.tidy(() =>
    tf.sqrt(
      tf.sum(tf.concat(Object.values(gradients).map((g) => tf.reshape(tf.sum(tf.square(g)), [1])))),
    ),
  );
}

/**
 * Scales all gradients by one factor so that their global norm is at most `maxNorm`, as in Pascanu et al. 2013, section 3.2.
 *
 * ```
 * norm := sqrt(sum over all elements of g^2)
 * g    := g * min(1, maxNorm / (norm + 1e-6))
 * ```
 *
 * `gradients` are float32 tensors by name (`tf.variableGrads(f).grads`), of any shapes. `maxNorm` is a number or a float32
 * scalar tensor. No value is read. The inputs are left alone; the gradients and the norm that come back are new tensors of the caller's.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { clipByGlobalNorm } from '@bag-of-tricks/gradient-clipping';
 *
 * const { gradients, norm } = clipByGlobalNorm({ w: tf.tensor1d([3, 4]) }, { maxNorm: 1 });
 * norm.print(); // 5
 * gradients.w!.print(); // [0.6, 0.8]
 * ```
 *
 * Not finite: as PyTorch with `error_if_nonfinite=False`. With an infinite norm the factor is 0, so finite elements become 0 and
 * infinite ones NaN; with a norm of NaN every element becomes NaN. Check the norm, or skip such a step as
 * `scaledStep` of `@bag-of-tricks/amp` does.
 *
 * Where implementations differ: equal to PyTorch's `clip_grad_norm_`. TensorFlow's `clip_by_global_norm` adds no 1e-6, and makes
 * every element NaN when the norm is infinite.
 *
 * @throws RangeError if maxNorm is not > 0, TypeError if it or a gradient is no float32 tensor, Error if there is no gradient.
 */
export function clipByGlobalNorm(
  gradients: tf.NamedTensorMap,
  { maxNorm }: ClipByGlobalNormOptions,
): ClippedGradients {
  checkGradients('clipByGlobalNorm', gradients);
  if (maxNorm instanceof tf.Tensor) {
    if (maxNorm.rank !== 0 || maxNorm.dtype !== 'float32') {
      throw new TypeError(
        `clipByGlobalNorm: expected maxNorm to be a number or a float32 scalar tensor, got ${maxNorm.dtype} of shape [${maxNorm.shape}]. Use tf.scalar(value).`,
      );
    }
  } else checkLimit('clipByGlobalNorm', 'maxNorm', maxNorm);
  return tf.tidy(() => {
    const norm = globalNorm(gradients);
    const factor = tf.div(maxNorm, tf.add(norm, EPSILON));
    // Not tf.minimum: whether that keeps NaN is up to the backend.
    const scale = tf.where(tf.greaterEqual(factor, 1), tf.onesLike(factor), factor);
    return { gradients: mapGradients(gradients, (g) => tf.mul(g, scale)), norm };
  });
}

/**
 * Cuts every element of every gradient to `-maxValue .. maxValue`. It changes the direction of the update, which
 * `clipByGlobalNorm` does not. Equal to PyTorch's `clip_grad_value_`: NaN stays NaN, infinities are cut like other values.
 *
 * `gradients` are float32 tensors by name; new tensors come back, which are the caller's.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { clipByValue } from '@bag-of-tricks/gradient-clipping';
 *
 * clipByValue({ w: tf.tensor1d([-3, 0.5]) }, { maxValue: 1 }).w!.print(); // [-1, 0.5]
 * ```
 * @throws RangeError if maxValue is not finite and > 0, TypeError if a gradient is no float32 tensor, Error if there is none.
 */
export function clipByValue(
  gradients: tf.NamedTensorMap,
  { maxValue }: ClipByValueOptions,
): tf.NamedTensorMap {
  checkGradients('clipByValue', gradients);
  checkLimit('clipByValue', 'maxValue', maxValue);
  return tf.tidy(() => mapGradients(gradients, (g) => tf.clipByValue(g, -maxValue, maxValue)));
}

function mapGradients(
  gradients: tf.NamedTensorMap,
  change: (gradient: tf.Tensor) => tf.Tensor,
): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, change(g)]));
}

function checkGradients(caller: string, gradients: tf.NamedTensorMap): void {
  const entries = Object.entries(gradients);
  if (entries.length === 0) {
    throw new Error(
      `${caller}: expected at least one gradient, got none. Pass the grads of tf.variableGrads.`,
    );
  }
  for (const [name, gradient] of entries) {
    if (!(gradient instanceof tf.Tensor) || gradient.dtype !== 'float32') {
      const got = gradient instanceof tf.Tensor ? gradient.dtype : String(gradient);
      throw new TypeError(
        `${caller}: expected the gradient '${name}' to be a float32 tensor, got ${got}. Does the loss depend on that variable?`,
      );
    }
  }
}

function checkLimit(caller: string, name: string, limit: number): void {
  if (!(Number.isFinite(limit) && limit > 0)) {
    throw new RangeError(
      `${caller}: expected ${name} to be finite and > 0, got ${limit}. Leave clipping out to switch it off.`,
    );
  }
}
