import { join } from 'node:path';
import { saveError } from '../errors.ts';
import { badImageLog } from '../log/bad-images.ts';
import { csvLog } from '../log/csv.ts';
import { combineHooks, type TrainHooks } from '../log/hooks.ts';
import { jsonlLog } from '../log/jsonl.ts';
import { reportLog } from '../report/report.ts';
import { describeEnvironment, writeEnvironment } from './environment.ts';
import type { Run } from './open-run.ts';
import type { Position } from './position.ts';

/** Where a run is logged, and who is told of it. */
export interface LogOptions {
  readonly runFolder: string;
  readonly hooks: readonly TrainHooks[];
  /** Is told what is wrong with the files that are there. */
  readonly say?: ((line: string) => void) | undefined;
}

/** Opens the files of the run folder, and reports the beginning to them and to the caller's hooks. */
export async function openLogs(
  run: Run,
  start: Position,
  { runFolder, hooks, say }: LogOptions,
): Promise<Required<TrainHooks>> {
  const { config, dataset, network, stepsPerEpoch, tricks } = run;
  const firstStep = start.epoch * stepsPerEpoch + start.stepInEpoch;
  const notes = tricks.flatMap(({ notes }) => notes ?? []);
  const environment = describeEnvironment(run.backend, notes, new Date());
  await writeEnvironment(runFolder, environment).catch((cause) => {
    throw saveError(join(runFolder, 'env.json'), 'a file that can be written', cause);
  });
  const columns = tricks.flatMap((trick) => trick.columns ?? []);
  const others = tricks.flatMap(({ weights }) => weights?.name ?? []);
  const log = combineHooks([
    csvLog(join(runFolder, 'summary.csv'), { firstEpoch: start.epoch, columns, others, say }),
    badImageLog(join(runFolder, 'bad-images.jsonl'), { firstEpoch: start.epoch }),
    jsonlLog(join(runFolder, 'metrics.jsonl'), { firstStep, columns, say }),
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
