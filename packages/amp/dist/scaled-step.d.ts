import * as tf from '@tensorflow/tfjs-core';
import type { LossScaleRule } from './loss-scale-rule.ts';
import type { LossScaleVariables } from './loss-scale-variables.ts';
export interface ScaledStepOptions extends LossScaleRule {
    /** The float32 loss of this step, not scaled. */
    readonly loss: () => tf.Scalar;
    /** What the loss is differentiated by. */
    readonly parameters: tf.Variable[];
    /** Assigns variables: gets the unscaled float32 gradients by the names of the variables. */
    readonly update: (gradients: tf.NamedTensorMap) => void;
    /** The scale and its counts, from `lossScaleVariables`. */
    readonly state: LossScaleVariables;
}
/** What a step leaves behind: two scalars, which belong to the caller. No interface, for `compile` and `tf.tidy` take only types of an index. */
export type ScaledStepResult = {
    /** The loss, not scaled, of type float32. */
    readonly loss: tf.Scalar;
    /** Whether the step was taken, of type bool. */
    readonly finite: tf.Scalar;
};
/**
 * One training step with dynamic loss scaling, without reading a value: to be compiled as a whole (He et al. 2019, section 3.2).
 *
 * ```
 * g = grad(scale * loss) / scale
 * finite:      update(g)
 * not finite:  every variable that the step assigned, running statistics too, is what it was
 * scale := nextLossScaleTensors(state, finite)
 * ```
 *
 * All variables that `loss` and `update` assign are found by themselves. Runs inside of `autocast` or without; the
 * options of the rule are those of `nextLossScale`, and `growthFactor: 1, backoffFactor: 1` keeps the scale static.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { lossScaleVariables, scaledStep } from '@bag-of-tricks/amp';
 *
 * const weight = tf.variable(tf.scalar(3));
 * const state = lossScaleVariables();
 * const { loss, finite } = scaledStep({
 *   loss: () => tf.square(weight),
 *   parameters: [weight],
 *   update: (gradients) => weight.assign(tf.sub(weight, tf.mul(gradients[weight.name]!, 0.1))),
 *   state,
 * });
 * ```
 *
 * Where implementations differ: PyTorch's `GradScaler` skips the optimiser only; the running statistics of batch norm keep
 * the values of an overflowed forward pass.
 *
 * @throws RangeError for an option out of range; TypeError when a gradient is no float32 tensor.
 */
export declare function scaledStep({ loss, parameters, update, state, ...rule }: ScaledStepOptions): ScaledStepResult;
//# sourceMappingURL=scaled-step.d.ts.map