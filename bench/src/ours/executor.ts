import type { Binding, ClusterSpec } from '@bag-of-tricks/libtensorflow/native';
import type { OursSpec, StepResult } from '../contestants/step-spec.ts';
import type { RecipeStep } from './recipe-step.ts';

/** Runs a training step in one of our two ways. */
export interface Executor {
  /** One step on the batch; returns the loss. */
  run(): Promise<number>;
  /** Sum over all running variances. */
  runningVarianceSum(): Promise<number>;
  /** Runs one more step and tells what it was made of. */
  profile(): Promise<Pick<StepResult, 'ops' | 'matrixOps' | 'computesIn'>>;
  /** Time it took to build the graph; null without one. */
  readonly traceMs: number | null;
}

/** What both ways need. */
export interface ExecutorParts {
  readonly spec: OursSpec;
  readonly recipe: RecipeStep;
  /** Null on TensorFlow.js's own backends. */
  readonly binding: Binding | null;
  /** The processes that train together. */
  readonly cluster?: ClusterSpec | undefined;
}

/** A fixed weight for mixup: what it costs does not depend on it. */
export const LAMBDA = 0.7;
