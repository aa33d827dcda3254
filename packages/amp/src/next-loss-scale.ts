import * as tf from '@tensorflow/tfjs-core';

/** Options of dynamic loss scaling. */
export interface LossScaleRule {
  /** Finite steps in a row after which the scale grows, an integer >= 1. Default 2000. */
  readonly growthInterval?: number;
  /** Factor of growth, >= 1. Default 2. */
  readonly growthFactor?: number;
  /** Factor after a step that was not finite, 0 < backoffFactor <= 1. Default 0.5. */
  readonly backoffFactor?: number;
  /** The scale never falls below this, > 0. Default 1. */
  readonly min?: number;
  /** The scale never rises above this, >= min. Default 2 ** 24. */
  readonly max?: number;
}

/** Where a loss scale stands: plain numbers, so that it can be written to a checkpoint. */
export interface LossScaleState {
  /** What the loss is multiplied by, > 0. */
  readonly scale: number;
  /** Finite steps since the scale last changed. */
  readonly goodSteps: number;
  /** Steps skipped so far because a gradient was Inf or NaN. */
  readonly skippedSteps: number;
}

/** A `LossScaleState` as float32 scalar tensors, for a step that is compiled with its state. */
export type LossScaleTensors = { readonly [Name in keyof LossScaleState]: tf.Scalar };

/**
 * The rule of dynamic loss scaling, as in He et al. 2019, section 3.2, after Micikevicius et al. 2018, section 3.2.
 *
 * ```
 * not finite:                        scale := max(scale * backoffFactor, min), goodSteps := 0, the step is skipped
 * finite, growthInterval-th in turn: scale := min(scale * growthFactor, max),  goodSteps := 0
 * finite otherwise:                  goodSteps := goodSteps + 1
 * ```
 *
 * A pure function of numbers: the state in, the next state out. `finite` says whether all gradients of the step were
 * finite. Options and defaults as in `LossScaleRule`. `nextLossScaleTensors` is the same on scalar tensors.
 *
 * @example
 * ```ts
 * import { nextLossScale } from '@bag-of-tricks/amp';
 *
 * nextLossScale({ scale: 1024, goodSteps: 7, skippedSteps: 0 }, false); // { scale: 512, goodSteps: 0, skippedSteps: 1 }
 * ```
 *
 * Where implementations differ: PyTorch's GradScaler has no bounds; while `min` and `max` are not reached the two agree.
 *
 * @throws RangeError for an option or a state out of range.
 */
export function nextLossScale(
  state: LossScaleState,
  finite: boolean,
  rule: LossScaleRule = {},
): LossScaleState {
  const resolved = resolveRule('nextLossScale', rule);
  const { growthInterval, growthFactor, backoffFactor, min, max } = resolved;
  checkLossScaleState('nextLossScale', state, resolved);
  const { scale, goodSteps, skippedSteps } = state;
  if (!finite) {
    return {
      scale: Math.max(scale * backoffFactor, min),
      goodSteps: 0,
      skippedSteps: skippedSteps + 1,
    };
  }
  if (goodSteps + 1 < growthInterval) return { scale, goodSteps: goodSteps + 1, skippedSteps };
  return { scale: Math.min(scale * growthFactor, max), goodSteps: 0, skippedSteps };
}

/**
 * `nextLossScale` on scalar tensors (He et al. 2019, section 3.2), for a step that keeps the scale in variables and is compiled as a whole.
 *
 * ```
 * scale := finite ? (goodSteps + 1 >= growthInterval ? min(scale * growthFactor, max) : scale)
 *                 : max(scale * backoffFactor, min)
 * ```
 *
 * `state` holds float32 scalars, `finite` is a bool scalar such as `allFinite` returns. Nothing is read; the inputs are
 * left alone and the three results belong to the caller. Counts are exact up to 2 ** 24.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { nextLossScaleTensors } from '@bag-of-tricks/amp';
 *
 * const state = { scale: tf.scalar(1024), goodSteps: tf.scalar(7), skippedSteps: tf.scalar(0) };
 * nextLossScaleTensors(state, tf.scalar(false, 'bool')).scale.print(); // 512
 * ```
 *
 * @throws RangeError for an option out of range.
 */
export function nextLossScaleTensors(
  { scale, goodSteps, skippedSteps }: LossScaleTensors,
  finite: tf.Scalar,
  rule: LossScaleRule = {},
): LossScaleTensors {
  const { growthInterval, growthFactor, backoffFactor, min, max } = resolveRule(
    'nextLossScaleTensors',
    rule,
  );
  return tf.tidy(() => {
    const counted = tf.add<tf.Scalar>(goodSteps, 1);
    const grows = tf.greaterEqual(counted, growthInterval);
    const grown = tf.where(grows, tf.minimum<tf.Scalar>(tf.mul(scale, growthFactor), max), scale);
    const backedOff = tf.maximum<tf.Scalar>(tf.mul(scale, backoffFactor), min);
    return {
      scale: tf.where<tf.Scalar>(finite, grown, backedOff),
      goodSteps: tf.where<tf.Scalar>(
        tf.logicalAnd(finite, tf.logicalNot(grows)),
        counted,
        tf.zerosLike(counted),
      ),
      skippedSteps: tf.add<tf.Scalar>(skippedSteps, tf.cast(tf.logicalNot(finite), 'float32')),
    };
  });
}

/** The rule with its defaults filled in; throws when an option is out of range. */
export function resolveRule(
  caller: string,
  {
    growthInterval = 2000,
    growthFactor = 2,
    backoffFactor = 0.5,
    min = 1,
    max = 2 ** 24,
  }: LossScaleRule,
): Required<LossScaleRule> {
  if (!(Number.isInteger(growthInterval) && growthInterval >= 1)) {
    throw new RangeError(
      `${caller}: expected growthInterval to be an integer >= 1, got ${growthInterval}. It counts steps.`,
    );
  }
  if (!(Number.isFinite(growthFactor) && growthFactor >= 1)) {
    throw new RangeError(
      `${caller}: expected growthFactor to be finite and >= 1, got ${growthFactor}. 1 keeps the scale from growing.`,
    );
  }
  if (!(backoffFactor > 0 && backoffFactor <= 1)) {
    throw new RangeError(
      `${caller}: expected 0 < backoffFactor <= 1, got ${backoffFactor}. 0.5 halves the scale.`,
    );
  }
  if (!(min > 0 && min <= max && Number.isFinite(max))) {
    throw new RangeError(
      `${caller}: expected finite bounds 0 < min <= max, got min ${min} and max ${max}. Swap or widen them.`,
    );
  }
  return { growthInterval, growthFactor, backoffFactor, min, max };
}

/** Throws unless the scale lies in [min, max] and both counts are integers >= 0. */
export function checkLossScaleState(
  caller: string,
  { scale, goodSteps, skippedSteps }: LossScaleState,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (!(scale >= min && scale <= max)) {
    throw new RangeError(
      `${caller}: expected a scale from ${min} to ${max}, got ${scale}. Was the state saved with other options?`,
    );
  }
  for (const [name, count] of Object.entries({ goodSteps, skippedSteps })) {
    if (!(Number.isInteger(count) && count >= 0)) {
      throw new RangeError(
        `${caller}: expected ${name} to be an integer >= 0, got ${count}. Pass what state() returned.`,
      );
    }
  }
}
