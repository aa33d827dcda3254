import type * as tf from '@tensorflow/tfjs-core';

/** A hyper-parameter that may vary per step: a plain number or a scalar tensor (which a compiled graph can take as an input). */
export type NumberOrScalar = number | tf.Scalar;

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
