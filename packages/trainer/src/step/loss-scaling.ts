import {
  type LossScaleRule,
  type LossScaleState,
  type LossScaleVariables,
  lossScaleVariables,
  scaledStep,
} from '@bag-of-tricks/amp';
import * as tf from '@tensorflow/tfjs-core';
import type { Precision } from './precision.ts';

/** The loss scale of a run: its state in variables, and the rule that moves it. */
export interface LossScaling {
  readonly state: LossScaleVariables;
  readonly rule: LossScaleRule;
  /** The scale that no skipped step lowers further. */
  readonly lowest: number;
}

/** Begin with the scale of the configuration, or go on with that of a checkpoint; null where the precision needs none. */
export function openLossScaling(
  precision: Precision | null,
  saved: LossScaleState | null,
): LossScaling | null {
  if (!precision || precision.lossScale === null) return null;
  if (precision.lossScale === 'dynamic') {
    const lowest = 1;
    return { state: lossScaleVariables(saved ?? {}), rule: { min: lowest }, lowest };
  }
  // As float32 has it, like the variable.
  const scale = Math.fround(precision.lossScale);
  const rule = { growthFactor: 1, backoffFactor: 1, min: scale, max: scale };
  return { state: lossScaleVariables(saved ?? { scale }), rule, lowest: scale };
}

/** What a step of a training does. */
export interface Descent {
  readonly loss: () => tf.Scalar;
  readonly parameters: tf.Variable[];
  readonly update: (gradients: tf.NamedTensorMap) => void;
}

/** The loss and, where it is scaled, whether the step was taken and the state of the scale after it. */
export type DescentResult = {
  readonly loss: tf.Scalar;
  /** False where a gradient overflowed. */
  readonly finite?: tf.Scalar;
  readonly scale?: tf.Scalar;
  readonly goodSteps?: tf.Scalar;
  readonly skippedSteps?: tf.Scalar;
};

/** Differentiate and update; with loss scaling, a step whose gradients overflow changes nothing but the scale. */
export function descend(descent: Descent, scaling: LossScaling | null): DescentResult {
  if (!scaling) {
    const { value, grads } = tf.variableGrads(descent.loss, descent.parameters);
    descent.update(grads);
    return { loss: value };
  }
  const { state, rule } = scaling;
  return {
    ...scaledStep({ ...descent, state, ...rule }),
    scale: tf.clone(state.scale),
    goodSteps: tf.clone(state.goodSteps),
    skippedSteps: tf.clone(state.skippedSteps),
  };
}

/** The state of the scale among the numbers of a step, if there is one. */
export function lossScaleAfter({
  scale,
  goodSteps,
  skippedSteps,
}: Partial<LossScaleState>): LossScaleState | null {
  if (scale === undefined || goodSteps === undefined || skippedSteps === undefined) return null;
  return { scale, goodSteps, skippedSteps };
}
