import type { SkippedImage } from '@bag-of-tricks/image-data';
import type { Column, Draws } from '@bag-of-tricks/train-step';
import type { Best } from '../checkpoint/state.ts';
import type { TrainConfig } from '../config/schema.ts';
import type { Environment } from '../run/environment.ts';

/** What is known when training begins. */
export interface TrainBeginLog {
  readonly config: TrainConfig;
  readonly runFolder: string;
  readonly environment: Environment;
  readonly parameters: number;
  readonly trainSamples: number;
  readonly evalSamples: number;
  readonly stepsPerEpoch: number;
  /** Steps taken before: 0, or where the checkpoint stood. */
  readonly firstStep: number;
  /** The values of a step that tricks add to the logs. */
  readonly columns: readonly Column[];
  /** What tricks say at the beginning, a line each. */
  readonly notes: readonly string[];
}

/** One training step. */
export interface BatchLog {
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly stepsPerEpoch: number;
  /** Steps since the beginning of the run, this one included. */
  readonly step: number;
  readonly totalSteps: number;
  readonly batchSize: number;
  readonly loss: number;
  readonly top1: number;
  /** Mean loss of the epoch so far, over the steps that were taken. */
  readonly meanLoss: number;
  /** The step changed nothing, such as when a gradient overflowed; its loss may be NaN. */
  readonly skipped: boolean;
  readonly learningRate: number;
  /** What tricks drew and computed, by name. */
  readonly values: Draws;
  /** What tricks say of the step, a line each. */
  readonly notes: readonly string[];
  readonly seconds: number;
  /** Part of `seconds` that the step waited for its images. */
  readonly dataSeconds: number;
}

/** Scores over the evaluation images; accuracies in percent. */
export interface Evaluation {
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
  readonly samples: number;
  readonly seconds: number;
}

/** One epoch; `evaluation` is null in epochs that were not evaluated. */
export interface EpochLog {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly trainLoss: number;
  /** Percent. */
  readonly trainTop1: number;
  readonly evaluation: Evaluation | null;
  /** Scores of the weights that tricks keep beside the network's own, by name. */
  readonly others: Readonly<Record<string, Evaluation>>;
  /** One of these evaluations is the best so far. */
  readonly isBest: boolean;
  readonly best: Best | null;
  readonly learningRate: number;
  readonly seconds: number;
  /** Part of `seconds` that the steps waited for their images. */
  readonly dataSeconds: number;
  readonly imagesPerSecond: number;
}

/** How a run ended. */
export interface TrainResult {
  readonly runFolder: string;
  readonly finished: boolean;
  readonly step: number;
  readonly totalSteps: number;
  /** The last evaluation, of the weights that scored best in it; null when there was none yet. */
  readonly evaluation: Evaluation | null;
  readonly best: Best | null;
  /** Training throughput of this process, evaluation and saving left out. */
  readonly imagesPerSecond: number;
  readonly trainSeconds: number;
  /** Part of `trainSeconds` that the steps waited for their images. */
  readonly dataSeconds: number;
}

/** Called at fixed points of the loop, in TensorFlow.js's callback names. Hooks observe: they change nothing. */
export interface TrainHooks {
  onTrainBegin?(log: TrainBeginLog): void;
  onBatchEnd?(log: BatchLog): void;
  /** An image that cannot be used was left out; once an epoch for each. */
  onBadImage?(skipped: SkippedImage): void;
  onEvaluateBatchEnd?(log: { readonly done: number; readonly total: number }): void;
  onEpochEnd?(log: EpochLog): void;
  onTrainEnd?(result: TrainResult): void;
}

/** One object that passes each call on to all of `hooks`, in order. */
export function combineHooks(hooks: readonly TrainHooks[]): Required<TrainHooks> {
  const each =
    <Name extends keyof TrainHooks>(name: Name) =>
    (log: Parameters<Required<TrainHooks>[Name]>[0]): void => {
      for (const hook of hooks)
        (hook[name] as ((log: unknown) => void) | undefined)?.call(hook, log);
    };
  return {
    onTrainBegin: each('onTrainBegin'),
    onBatchEnd: each('onBatchEnd'),
    onBadImage: each('onBadImage'),
    onEvaluateBatchEnd: each('onEvaluateBatchEnd'),
    onEpochEnd: each('onEpochEnd'),
    onTrainEnd: each('onTrainEnd'),
  };
}
