import type { Batch, ColorVariation } from '../data/dataset.ts';
import type { EvalStep, EvalStepOutputs } from './eval-step.ts';
import type { TrainStep, TrainStepOutputs } from './train-step.ts';

/** The numbers of a step's scalars. */
export type Numbers<Outputs> = { readonly [Name in keyof Outputs]: number };

/** What changes from step to step besides the batch. */
export interface StepSettings {
  readonly learningRate: number;
  /** Mixing weight of mixup; 1 leaves the batch as it is. */
  readonly lambda: number;
}

/** Scores batches of host memory. */
export interface Scorer {
  evaluate(batch: Batch): Promise<Numbers<EvalStepOutputs>>;
  dispose(): Promise<void>;
}

/** Runs training and evaluation steps on batches of host memory: eagerly, op by op, or as one native graph. */
export interface StepRunner extends Scorer {
  train(batch: Batch, settings: StepSettings): Promise<Numbers<TrainStepOutputs>>;
  /** Bring the TensorFlow.js variables of model and optimiser up to date, before they are read or saved. */
  sync(): Promise<void>;
}

/** What a scorer runs. */
export interface ScorerParts {
  readonly evalStep: EvalStep;
  readonly imageShape: readonly [height: number, width: number, channels: number];
}

/** What a runner runs. */
export interface RunnerParts extends ScorerParts {
  readonly colorVariation: ColorVariation | null;
  readonly trainStep: TrainStep;
}
