import type * as tf from '@tensorflow/tfjs-core';
import {
  checkLossScaleState,
  type LossScaleRule,
  type LossScaleState,
  nextLossScale,
  resolveRule,
} from './next-loss-scale.ts';
import { scaleLoss, unscaleGradients } from './scale.ts';

/** What both kinds of loss scale offer to a training loop. */
export interface LossScale {
  /** The scale now. */
  readonly value: number;
  /** Steps skipped so far because a gradient was Inf or NaN. */
  readonly skippedSteps: number;
  /** loss * value; the result belongs to the caller. */
  scale<T extends tf.Tensor>(loss: T): T;
  /** gradients / value under the same names; the results belong to the caller. Call it before `update`. */
  unscale<Gradients extends tf.NamedTensorMap>(
    gradients: Gradients,
  ): { [Name in keyof Gradients]: tf.Tensor };
  /** Once a step: were all gradients finite? If not, the caller must skip the optimiser. */
  update(finite: boolean): void;
  /** Plain numbers for a checkpoint. */
  state(): LossScaleState;
  /** Continues from what `state()` returned. */
  restore(state: LossScaleState): void;
}

export interface DynamicLossScaleOptions extends LossScaleRule {
  /** First scale, from `min` to `max`. Default 2 ** 15. */
  readonly init?: number;
}

/**
 * A loss scale that finds its own size, as in He et al. 2019, section 3.2, after Micikevicius et al. 2018.
 *
 * ```
 * not finite:             scale := max(scale * backoffFactor, min), skip the step
 * growthInterval finite:  scale := min(scale * growthFactor, max)
 * ```
 *
 * Defaults: init 2 ** 15, growthInterval 2000 steps, growthFactor 2, backoffFactor 0.5, min 1, max 2 ** 24.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { allFinite, dynamicLossScale } from '@bag-of-tricks/amp';
 *
 * const lossScale = dynamicLossScale();
 * const weight = tf.variable(tf.scalar(3));
 * const { grads } = tf.variableGrads(() => lossScale.scale(weight.square().asScalar()), [weight]);
 * const finite = (await allFinite(grads).data())[0] === 1;
 * if (finite) lossScale.unscale(grads)[weight.name]?.print(); // 6: hand these to the optimiser
 * lossScale.update(finite);
 * ```
 *
 * Where implementations differ: PyTorch's GradScaler starts at 2 ** 16 and has no bounds; given its start, the sequence of
 * scales is the same until a bound is reached.
 *
 * @throws RangeError for an option out of range.
 */
export function dynamicLossScale({
  init = 2 ** 15,
  ...rule
}: DynamicLossScaleOptions = {}): LossScale {
  const resolved = resolveRule('dynamicLossScale', rule);
  const { min, max } = resolved;
  if (!(init >= min && init <= max)) {
    throw new RangeError(
      `dynamicLossScale: expected init from min ${min} to max ${max}, got ${init}. Move it or the bounds.`,
    );
  }
  return makeLossScale(init, resolved);
}

/**
 * A loss scale that stays what it is, as in Micikevicius et al. 2018, section 3.2; see He et al. 2019, section 3.2.
 *
 * ```
 * scale := value
 * ```
 *
 * `value` is finite and > 0; a power of two costs no precision. `update(false)` only counts the skipped step.
 *
 * @example
 * ```ts
 * import { staticLossScale } from '@bag-of-tricks/amp';
 *
 * const lossScale = staticLossScale(1024);
 * lossScale.update(false);
 * lossScale.value; // 1024
 * lossScale.skippedSteps; // 1
 * ```
 *
 * @throws RangeError for a value that is not finite and positive.
 */
export function staticLossScale(value: number): LossScale {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new RangeError(
      `staticLossScale: expected value to be finite and > 0, got ${value}. 1024 is a common choice.`,
    );
  }
  return makeLossScale(value, {
    growthInterval: Number.MAX_SAFE_INTEGER,
    growthFactor: 1,
    backoffFactor: 1,
    min: value,
    max: value,
  });
}

function makeLossScale(init: number, rule: Required<LossScaleRule>): LossScale {
  let current: LossScaleState = { scale: init, goodSteps: 0, skippedSteps: 0 };
  return {
    get value() {
      return current.scale;
    },
    get skippedSteps() {
      return current.skippedSteps;
    },
    scale: (loss) => scaleLoss(loss, current.scale),
    unscale: (gradients) => unscaleGradients(gradients, current.scale),
    update(finite) {
      // A tensor is truthy whatever it holds: scaling would never back off.
      if (typeof finite !== 'boolean') {
        throw new TypeError(
          `update: expected a boolean, got ${typeof finite}. Read the tensor first: (await allFinite(gradients).data())[0] === 1.`,
        );
      }
      current = nextLossScale(current, finite, rule);
    },
    state: () => ({ ...current }),
    restore(state) {
      checkLossScaleState('restore', state, rule);
      const { scale, goodSteps, skippedSteps } = state;
      current = { scale, goodSteps, skippedSteps };
    },
  };
}
