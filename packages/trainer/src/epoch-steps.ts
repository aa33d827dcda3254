import type { Batch, Batches, LoadOptions } from '@bag-of-tricks/image-data';
import type { Position } from '@bag-of-tricks/run-folder';
import { drawStep, epochData } from '@bag-of-tricks/train-step';
import type { Run } from './run/open-run.ts';
import type { StepSettings } from './step/runner.ts';

/** What the runner takes for one step. */
export interface StepInput {
  readonly batch: Batch;
  readonly settings: StepSettings;
}

/** Where a step stands. */
type StepPlace = Pick<Position, 'epoch' | 'stepInEpoch'>;

/** Steps taken since the beginning of the run. */
export const stepsTaken = (
  { stepsPerEpoch }: Pick<Run, 'stepsPerEpoch'>,
  { epoch, stepInEpoch }: StepPlace,
): number => epoch * stepsPerEpoch + stepInEpoch;

/**
 * The batches of an epoch from a step on, each with the learning rate and the draws of its step. Where `ahead` takes a batch before its turn, these
 * are made when the step before is over all the same, for they may depend on it, as whether to stop does.
 */
export async function* epochSteps(
  run: Pick<Run, 'config' | 'dataset' | 'schedule' | 'stepsPerEpoch' | 'tricks'>,
  { epoch, stepInEpoch }: StepPlace,
  load: LoadOptions = {},
  ahead: (batches: Batches) => Batches = (batches) => batches,
): AsyncGenerator<StepInput, void, undefined> {
  const { config, dataset, schedule, stepsPerEpoch, tricks } = run;
  const { epochs, batchSize, seed } = config;
  const place = { epoch, firstStep: stepInEpoch, stepsPerEpoch, batchSize, seed };
  let step = stepInEpoch;
  const batches = dataset.trainBatches({ ...place, ...epochData(tricks, epoch) }, load);
  for await (const batch of ahead(batches)) {
    const imageShape = batch.imageShape ?? dataset.imageShape;
    const draws = drawStep(tricks, { epoch, epochs, imageShape, seed, step });
    const learningRate = schedule(stepsTaken(run, { epoch, stepInEpoch: step }));
    yield { batch, settings: { learningRate, draws } };
    step += 1;
  }
}
