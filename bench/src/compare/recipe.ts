import type { StepSpec } from '../contestants/step-spec.ts';
import type { Workload } from '../workloads.ts';

/** So many first steps have their losses compared; they are part of the warm-up. */
export const CHECKED_STEPS = 3;

/** The recipe's constants for a workload: the paper's, with the learning rate scaled to the batch. */
export function stepSpec(
  { network, numClasses, batchSize, imageSize, baseLearningRate = 0.1 }: Workload,
  options: Pick<StepSpec, 'dataFolder' | 'warmupSteps' | 'threads' | 'steps'> &
    Partial<Pick<StepSpec, 'native'>>,
): StepSpec {
  return {
    network,
    numClasses,
    batchSize,
    imageSize,
    learningRate: (baseLearningRate * batchSize) / 256,
    momentum: 0.9,
    weightDecay: 1e-4,
    epsilon: 0.1,
    checkedSteps: CHECKED_STEPS,
    amp: null,
    native: null,
    ...options,
  };
}
