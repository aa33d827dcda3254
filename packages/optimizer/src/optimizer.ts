import type * as tf from '@tensorflow/tfjs-core';
import type { NumberOrScalar } from './hyper-parameters.ts';
import type { NamedVariables } from './parameters.ts';

/** What moves the parameters of a network, step by step. */
export interface Optimizer {
  /** What it moves, if it says so: `fit` then refuses an optimiser over another network. */
  readonly parameters?: NamedVariables;
  /** Updates every parameter once; `gradients` by the variables' names. Reads no value, so that a step can be compiled. */
  applyGradients(gradients: tf.NamedTensorMap, learningRate: tf.Scalar): void;
  /** The state by stable names, as tensors that the caller disposes. */
  getState(): tf.NamedTensorMap;
  /** Restores what `getState` gave; exactly the same names and shapes, else nothing is changed and the error names the difference. */
  setState(state: tf.NamedTensorMap): void;
  /** Frees the state. The parameters are the caller's. */
  dispose(): void;
}

/** An optimiser as `groupedOptimizer` makes it. */
export interface GroupedOptimizer extends Optimizer {
  /** Its state by the names under which it is saved, not trainable: what a graph compiler must treat as state. Do not dispose them. */
  readonly variables: NamedVariables;
  /**
   * Updates every parameter once. `gradients` is `tf.variableGrads(f).grads`, keyed by variable name; stable names do too.
   * Nothing is updated when any gradient is missing, unknown or misshapen. The gradients stay the caller's to dispose.
   */
  applyGradients(gradients: tf.NamedTensorMap, learningRate: NumberOrScalar): void;
  /** Differentiates the scalar `f()` by the parameters, applies the gradients and returns the loss, which the caller disposes. */
  minimize(f: () => tf.Scalar, learningRate: NumberOrScalar): { value: tf.Scalar };
}
