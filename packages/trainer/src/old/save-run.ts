import { join } from 'node:path';
import { saveCheckpoint } from './checkpoint/save.ts';
import type { Position } from './progress.ts';
import type { Session } from './session.ts';
import { checkWeights } from './step/check-finite.ts';

/** Write a checkpoint of where the run stands, unless its weights are no longer finite. */
export async function saveRun(
  { config, dataset, model, optimizer, runner }: Session,
  runFolder: string,
  step: number,
  position: Position,
  isBest = false,
): Promise<void> {
  await runner.sync();
  await checkWeights(model, step);
  const { imageShape, classNames, mean, std } = dataset;
  const { epoch, stepInEpoch, totals, best, lossScale } = position;
  const state = {
    formatVersion: 1 as const,
    epoch,
    stepInEpoch,
    totals,
    best,
    lossScale,
    imageShape: [...imageShape] as [number, number, number],
    classNames: [...classNames],
    mean: [...mean],
    std: [...std],
    config,
  };
  await saveCheckpoint(
    join(runFolder, 'checkpoints'),
    { model, optimizer, step, state },
    { best: isBest },
  );
}
