import type * as tf from '@tensorflow/tfjs-core';

/** A hyper-parameter that may vary per step: a plain number or a scalar tensor (which a compiled graph can take as an input). */
export type NumberOrScalar = number | tf.Scalar;

export interface AdamWHyperParameters {
  /** Share of the mean gradient that survives a step, 0 <= beta1 < 1. Default 0.9. */
  readonly beta1?: number;
  /** Share of the mean squared gradient that survives a step, 0 <= beta2 < 1. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the mean square, so that a zero divides nothing; at least 1e-30. Default 1e-8. */
  readonly epsilon?: number;
}

/** Throws a RangeError that names the first hyper-parameter out of its range. */
export function checkHyperParameters(
  caller: string,
  { beta1, beta2, epsilon }: Required<AdamWHyperParameters>,
): void {
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    if (!(beta >= 0 && beta < 1)) {
      throw new RangeError(
        `${caller}: expected 0 <= ${name} < 1, got ${beta}. The defaults are 0.9 and 0.999.`,
      );
    }
  }
  if (!(epsilon >= 1e-30 && Number.isFinite(epsilon))) {
    throw new RangeError(
      `${caller}: expected epsilon to be finite and at least 1e-30, which float32 still tells from 0, got ${epsilon}. The default is 1e-8.`,
    );
  }
}

/** Throws unless `value` is a finite number >= 0. */
export function checkNotNegative(caller: string, name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) {
    throw new RangeError(
      `${caller}: expected ${name} to be finite and >= 0, got ${value}. Check where it comes from.`,
    );
  }
}

/** Throws unless `value` is a finite number >= 0 or a float32 scalar tensor, whose value is not read. */
export function checkNumberOrScalar(caller: string, name: string, value: NumberOrScalar): void {
  if (typeof value === 'number') {
    checkNotNegative(caller, name, value);
  } else if (value?.rank !== 0 || value.dtype !== 'float32') {
    const got = value ? `${value.dtype} of shape [${value.shape}]` : String(value);
    throw new TypeError(
      `${caller}: expected ${name} to be a number or a float32 scalar tensor, got ${got}. Use tf.scalar(value).`,
    );
  }
}
