import * as tf from '@tensorflow/tfjs-core';
import { batchTensors } from './batch-tensors.ts';
import { readScalars } from './read-scalars.ts';
import type { RunnerParts, Scorer, ScorerParts, StepRunner } from './runner.ts';

/** Scores op by op. */
export function eagerScorer({ evalStep, imageShape }: ScorerParts): Scorer {
  return {
    evaluate: (batch) => readScalars(() => evalStep(batchTensors(batch, imageShape))),
    dispose: () => Promise.resolve(),
  };
}

/** Runs each op of a step as it comes: slower than the graph, but every tensor can be looked at. */
export function eagerRunner({ trainStep, ...parts }: RunnerParts): StepRunner {
  return {
    ...eagerScorer(parts),
    train: (batch, { learningRate, lambda }) =>
      readScalars(() =>
        trainStep({
          ...batchTensors(batch, parts.imageShape),
          learningRate: tf.scalar(learningRate),
          lambda: tf.scalar(lambda),
        }),
      ),
    sync: () => Promise.resolve(),
  };
}
