import type * as tf from '@tensorflow/tfjs-core';

/** A hyper-parameter that may vary per step: a plain number or a scalar tensor (which a compiled graph can take as an input). */
export type NumberOrScalar = number | tf.Scalar;

/** Throws unless 0 <= momentum < 1. */
export function checkMomentum(caller: string, momentum: number): void {
  if (!(momentum >= 0 && momentum < 1)) {
    throw new RangeError(
      `${caller}: expected 0 <= momentum < 1, got ${momentum}. The paper uses 0.9.`,
    );
  }
}

/** Throws unless weightDecay is finite and >= 0. */
export function checkWeightDecay(caller: string, weightDecay: number): void {
  if (!(Number.isFinite(weightDecay) && weightDecay >= 0)) {
    throw new RangeError(
      `${caller}: expected weightDecay to be finite and >= 0, got ${weightDecay}. The paper uses 1e-4; 0 switches decay off.`,
    );
  }
}

/** Throws unless learningRate is a finite number >= 0 or a float32 scalar tensor, whose value is not read. */
export function checkLearningRate(caller: string, learningRate: NumberOrScalar): void {
  if (typeof learningRate === 'number') {
    if (!(Number.isFinite(learningRate) && learningRate >= 0)) {
      throw new RangeError(
        `${caller}: expected learningRate to be finite and >= 0, got ${learningRate}. Check the schedule that made it.`,
      );
    }
  } else if (learningRate?.rank !== 0 || learningRate.dtype !== 'float32') {
    throw new TypeError(
      `${caller}: expected learningRate to be a number or a float32 scalar tensor, got ${describe(learningRate)}. Use tf.scalar(value).`,
    );
  }
}

function describe(value: tf.Tensor | null | undefined): string {
  return value ? `${value.dtype} of shape [${value.shape}]` : String(value);
}
