import {
  createEvalStep,
  createTrainStep,
  drawShapes,
  type TrickParts,
} from '@bag-of-tricks/train-step';
import type { RunnerParts } from '../step/runner.ts';
import type { Run } from './open-run.ts';

/** What a runner runs: the steps of a run with its tricks, and with `wraps` around those of training. */
export function stepParts(
  {
    network,
    optimizer,
    loss,
    tricks,
    dataset,
    randomStep,
    config,
  }: Pick<Run, 'network' | 'optimizer' | 'loss' | 'tricks' | 'dataset' | 'randomStep' | 'config'>,
  wraps: readonly TrickParts[],
): RunnerParts {
  const { colorVariation, imageShape } = dataset;
  const parts = { network, tricks, numClasses: dataset.classNames.length, pixels: dataset };
  return {
    trainStep: createTrainStep({ ...parts, tricks: wraps, optimizer, loss, colorVariation }),
    evalStep: createEvalStep(parts),
    drawShapes: drawShapes(tricks),
    colorColumns: colorVariation?.columns ?? null,
    imageShape,
    random: { seed: config.seed, step: randomStep },
  };
}
