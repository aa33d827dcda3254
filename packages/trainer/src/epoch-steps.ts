import type { Batch, LoadOptions } from '@bag-of-tricks/image-data';
import { drawStep, epochData } from '@bag-of-tricks/train-step';
import type { Run } from './run/open-run.ts';
import type { StepSettings } from './step/runner.ts';

/** What the runner takes for one step. */
export interface StepInput {
  readonly batch: Batch;
  readonly settings: StepSettings;
}

/** The batches of an epoch from a step on, each with the learning rate and the draws of its step. */
export async function* epochSteps(
  run: Pick<Run, 'config' | 'dataset' | 'schedule' | 'stepsPerEpoch' | 'tricks'>,
  { epoch, stepInEpoch }: { readonly epoch: number; readonly stepInEpoch: number },
  load: LoadOptions = {},
): AsyncGenerator<StepInput, void, undefined> {
  const { config, dataset, schedule, stepsPerEpoch, tricks } = run;
  const { epochs, batchSize, seed } = config;
  const place = { epoch, firstStep: stepInEpoch, stepsPerEpoch, batchSize, seed };
  let step = stepInEpoch;
  for await (const batch of dataset.trainBatches({ ...place, ...epochData(tricks, epoch) }, load)) {
    const imageShape = batch.imageShape ?? dataset.imageShape;
    const draws = drawStep(tricks, { epoch, epochs, imageShape, seed, step });
    yield { batch, settings: { learningRate: schedule(epoch * stepsPerEpoch + step), draws } };
    step += 1;
  }
}
