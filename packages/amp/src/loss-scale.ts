import type * as tf from '@tensorflow/tfjs-core';
import type { LossScaleState } from './loss-scale-state.ts';
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

/** A loss scale from its state, its rule and a check of states that come from outside. */
export function makeLossScale(
  initial: LossScaleState,
  next: (state: LossScaleState, finite: boolean) => LossScaleState,
  check: (state: LossScaleState) => void,
): LossScale {
  let current = initial;
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
      current = next(current, finite);
    },
    state: () => ({ ...current }),
    restore(state) {
      check(state);
      const { scale, goodSteps, skippedSteps } = state;
      current = { scale, goodSteps, skippedSteps };
    },
  };
}
