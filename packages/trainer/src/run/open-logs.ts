import { join } from 'node:path';
import { badImageLog } from '../log/bad-images.ts';
import { csvLog } from '../log/csv.ts';
import { combineHooks, type TrainHooks } from '../log/hooks.ts';
import { jsonlLog } from '../log/jsonl.ts';
import { reportLog } from '../report/report.ts';
import { describeEnvironment, writeEnvironment } from './environment.ts';
import type { Run } from './open-run.ts';
import type { Position } from './position.ts';

/** Opens the files of the run folder, and reports the beginning to them and to the caller's hooks. */
export async function openLogs(
  run: Run,
  start: Position,
  { runFolder, hooks }: { readonly runFolder: string; readonly hooks: readonly TrainHooks[] },
): Promise<Required<TrainHooks>> {
  const { config, dataset, network, stepsPerEpoch, tricks } = run;
  const firstStep = start.epoch * stepsPerEpoch + start.stepInEpoch;
  const notes = tricks.flatMap(({ notes }) => notes ?? []);
  const environment = describeEnvironment(run.backend, notes, new Date());
  await writeEnvironment(runFolder, environment);
  const columns = tricks.flatMap((trick) => trick.columns ?? []);
  const others = tricks.flatMap(({ weights }) => weights?.name ?? []);
  const log = combineHooks([
    csvLog(join(runFolder, 'summary.csv'), { firstEpoch: start.epoch, columns, others }),
    badImageLog(join(runFolder, 'bad-images.jsonl'), { firstEpoch: start.epoch }),
    jsonlLog(join(runFolder, 'metrics.jsonl'), { firstStep, columns }),
    reportLog(runFolder, { columns }),
    ...hooks,
  ]);
  const parameters = Object.values(network.parameters);
  log.onTrainBegin({
    ...{ config, runFolder, environment, columns, stepsPerEpoch, firstStep },
    notes: notes.flatMap(({ lines }) => lines),
    parameters: parameters.reduce((sum, { size }) => sum + size, 0),
    trainSamples: dataset.trainSize,
    evalSamples: dataset.evalSize,
  });
  return log;
}
