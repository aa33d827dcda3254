import { seededRandom } from '@bag-of-tricks/random';
import {
  createEvalStep,
  createTrainStep,
  drawShapes,
  type TrickParts,
} from '@bag-of-tricks/train-step';
import type { RunnerParts } from '../step/runner.ts';
import { featureShapeOf } from './feature-dataset.ts';
import type { Run } from './open-run.ts';

type StepState =
  | 'network'
  | 'optimizer'
  | 'loss'
  | 'tricks'
  | 'dataset'
  | 'randomStep'
  | 'config'
  | 'processes';

/** Each process drops other units; the first one, those that a process by itself drops. */
const seedOf = (seed: number, rank: number) =>
  rank === 0 ? seed : Math.floor(2 ** 31 * seededRandom(seed, 'rank', rank)());

/** What a runner runs: the steps of a run with its tricks, and with `wraps` around those of training. */
export function stepParts(
  {
    network,
    optimizer,
    loss,
    tricks,
    dataset,
    randomStep,
    config: { seed },
    processes: { rank },
  }: Pick<Run, StepState>,
  wraps: readonly TrickParts[],
): RunnerParts {
  const { colorVariation } = dataset;
  const featureShape = featureShapeOf(dataset);
  const pixels = featureShape ? undefined : dataset;
  const parts = { network, tricks, numClasses: dataset.classNames.length, pixels };
  return {
    trainStep: createTrainStep({ ...parts, tricks: wraps, optimizer, loss, colorVariation }),
    evalStep: createEvalStep(parts),
    drawShapes: drawShapes(tricks),
    colorColumns: colorVariation?.columns ?? null,
    imageShape: featureShape ?? dataset.imageShape,
    imageType: featureShape ? 'float32' : 'uint8',
    random: { seed: seedOf(seed, rank), step: randomStep },
  };
}
