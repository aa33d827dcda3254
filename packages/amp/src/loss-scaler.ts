import * as tf from '@tensorflow/tfjs-core';
import { allFinite } from './all-finite.ts';
import { unscaleGradients } from './scale.ts';
import {
  type LossScaleVariables,
  lossScaleVariables,
  moveLossScale,
  skipUnless,
} from './scaled-step.ts';

/** Steps in a row that may be skipped at the lowest loss scale before that counts as divergence. */
export const patience = 20;

/** Loss scaling around the stages of a training step that is put together by the caller. */
export interface LossScaler {
  /** The scale and its counts: state of a compiled step, and of its checkpoint. */
  readonly state: LossScaleVariables;
  /**
   * Differentiates from the scaled seed, and unscales. `skipped` is 1 where a gradient is not finite, else 0; `seed` is the gradient that the
   * backward pass begins with. Default: 1.
   */
  gradients<Result extends { readonly gradients: tf.NamedTensorMap }>(
    differentiate: (seed: tf.Scalar) => Result,
    seed?: tf.Scalar,
  ): Result & { readonly skipped: tf.Scalar };
  /** Takes a step, takes back all that it assigned where `skipped` is 1, and moves the scale. */
  step<Result extends { readonly skipped?: tf.Scalar }>(
    take: () => Result,
  ): Result & { readonly lossScale: tf.Scalar; readonly skippedSteps: tf.Scalar };
  /** Counts, with the numbers `skipped` and `lossScale` of a step, those in a row that were skipped at the lowest scale: whether they are `patience` now. */
  isStuck(values: Readonly<Record<string, number>>): boolean;
  /** Frees the state. */
  dispose(): void;
}

/**
 * The parts of `scaledStep` for a step that is put together otherwise, such as one whose gradients are clipped or accumulated (He et al.
 * 2019, section 3.2).
 *
 * ```
 * g = grad(scale * loss) / scale
 * finite:      the step is taken
 * not finite:  every variable that the step assigned is what it was
 * scale := nextLossScaleTensors(state, finite), which for 'dynamic' stays >= 1, and for a number stays that number
 * ```
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { lossScaler } from '@bag-of-tricks/amp';
 *
 * const weight = tf.variable(tf.scalar(3));
 * const scaler = lossScaler('dynamic');
 * const { lossScale } = scaler.step(() => {
 *   const { gradients, skipped } = scaler.gradients((seed) => ({
 *     gradients: { weight: tf.mul(seed, tf.mul(weight, 2)) }, // of weight^2
 *   }));
 *   weight.assign(tf.sub(weight, tf.mul(gradients.weight, 0.1)));
 *   return { skipped };
 * });
 * weight.print(); // 2.4
 * ```
 *
 * @throws RangeError for a scale that is not finite and positive.
 */
export function lossScaler(lossScale: 'dynamic' | number): LossScaler {
  const dynamic = lossScale === 'dynamic';
  // As float32 has it, like the variable.
  const fixed = dynamic ? 1 : Math.fround(lossScale);
  const rule = dynamic ? { min: 1 } : { growthFactor: 1, backoffFactor: 1, min: fixed, max: fixed };
  const state = lossScaleVariables(dynamic ? {} : { scale: fixed });
  let skippedInARow = 0;
  return {
    state,
    gradients(differentiate, seed) {
      const scale = state.scale as tf.Scalar;
      const result = differentiate(seed ? tf.mul(seed, scale) : scale);
      const skipped = tf.cast(tf.logicalNot(allFinite(result.gradients)), 'float32') as tf.Scalar;
      return { ...result, gradients: unscaleGradients(result.gradients, scale), skipped };
    },
    step(take) {
      const finite = ({ skipped }: { readonly skipped?: tf.Scalar }) =>
        tf.equal(skipped!, 0) as tf.Scalar;
      const result = skipUnless(finite, take);
      const { scale, skippedSteps } = moveLossScale(state, finite(result), rule);
      return { ...result, lossScale: scale, skippedSteps };
    },
    isStuck({ skipped, lossScale: scale }) {
      skippedInARow = skipped && scale! <= rule.min ? skippedInARow + 1 : 0;
      return skippedInARow >= patience;
    },
    dispose: () => tf.dispose({ ...state }),
  };
}
