import * as tf from '@tensorflow/tfjs-core';

/** How the decay grows from 0 to its full value. */
export interface DecayWarmup {
  /** Scale of the step, > 0; the larger, the longer the warmup. Default 1. */
  readonly gamma?: number;
  /** Default 2 / 3: with gamma 1 a decay of 0.999 is reached after 31,600 updates; with 3 / 4 after 10,000. */
  readonly power?: number;
}

export interface EmaDecayOptions {
  /** Share of the average that survives an update, 0 <= decay < 1. Default 0.9999. */
  readonly decay?: number;
  /** The smallest decay of a warmup, 0 <= minDecay <= decay. Default 0. */
  readonly minDecay?: number;
  /** Updates during which the average is a copy of the weights, besides the first one; an integer >= 0. Default 0. */
  readonly updateAfterStep?: number;
  /** Let the decay grow with the updates; `{}` takes timm's defaults. Default: none. */
  readonly warmup?: DecayWarmup | null;
}

interface ResolvedDecay {
  readonly decay: number;
  readonly minDecay: number;
  readonly updateAfterStep: number;
  readonly warmup: Required<DecayWarmup> | null;
}

/** Fills in the defaults and throws a RangeError that names the first option out of its range. */
export function resolveDecay(
  caller: string,
  { decay = 0.9999, minDecay = 0, updateAfterStep = 0, warmup = null }: EmaDecayOptions,
): ResolvedDecay {
  const expect = (holds: boolean, what: string, got: unknown): void => {
    if (!holds) throw new RangeError(`${caller}: expected ${what}, got ${String(got)}.`);
  };
  expect(decay >= 0 && decay < 1, '0 <= decay < 1 (timm has 0.9999)', decay);
  expect(minDecay >= 0 && minDecay <= decay, '0 <= minDecay <= decay', minDecay);
  expect(
    Number.isSafeInteger(updateAfterStep) && updateAfterStep >= 0,
    'updateAfterStep to be an integer >= 0 (a number of updates)',
    updateAfterStep,
  );
  if (warmup === null) return { decay, minDecay, updateAfterStep, warmup };
  const { gamma = 1, power = 2 / 3 } = warmup;
  expect(gamma > 0 && gamma < Infinity, 'warmup.gamma to be finite and > 0', gamma);
  expect(power > 0 && power < Infinity, 'warmup.power to be finite and > 0', power);
  return { decay, minDecay, updateAfterStep, warmup: { gamma, power } };
}

/**
 * The share `1 - decay_t` of the new weights in the average at one update, as a scalar: timm's `ModelEmaV3.get_decay`.
 * The share and not the decay, because float32 has no digits for 1 - 0.99999. Call it inside `tf.tidy`.
 */
export function newShare(step: tf.Scalar, options: ResolvedDecay): tf.Scalar {
  const { decay, minDecay, updateAfterStep, warmup } = options;
  const t = tf.sub(step, updateAfterStep + 1);
  const share = warmup
    ? tf.clipByValue(
        // A negative t would make the power NaN.
        tf.pow(tf.add(tf.div(tf.relu(t), warmup.gamma), 1), -warmup.power),
        1 - decay,
        1 - minDecay,
      )
    : tf.scalar(1 - decay);
  return tf.where(tf.greater(t, 0), share, tf.onesLike(share)) as tf.Scalar;
}

/**
 * The decay of an exponential moving average at its update number `step`, as timm's `ModelEmaV3`.
 *
 * ```
 * t       = step - updateAfterStep - 1                      step is 1 for the first update
 * decay_t = 0                                               if t <= 0: the average is a copy
 *           clip(1 - (1 + t / gamma)^-power, minDecay, decay)   with warmup
 *           decay                                           without
 * ```
 *
 * @example
 * ```ts
 * import { emaDecay } from '@bag-of-tricks/ema';
 *
 * console.log(emaDecay(1001, { decay: 0.9999, warmup: {} })); // 0.99
 * ```
 *
 * Where implementations differ: TensorFlow's `tf.train.ExponentialMovingAverage` warms up by `(1 + t) / (10 + t)`.
 *
 * @throws RangeError for a step that is no integer >= 1, or an option out of its range.
 */
export function emaDecay(step: number, options: EmaDecayOptions = {}): number {
  const { decay, minDecay, updateAfterStep, warmup } = resolveDecay('emaDecay', options);
  if (!Number.isSafeInteger(step) || step < 1) {
    throw new RangeError(`emaDecay: expected step to be an integer >= 1, got ${step}.`);
  }
  const t = step - updateAfterStep - 1;
  if (t <= 0) return 0;
  if (!warmup) return decay;
  return Math.max(Math.min(1 - (1 + t / warmup.gamma) ** -warmup.power, decay), minDecay);
}
