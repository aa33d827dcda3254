import { join } from 'node:path';
import { reportWriter } from '@bag-of-tricks/run-report';
import { saveError } from '../errors.ts';
import { badImageLog } from '../log/bad-images.ts';
import { csvLog } from '../log/csv.ts';
import {
  combineHooks,
  type RunHooks,
  runHooks,
  shieldHooks,
  type TrainHooks,
} from '../log/hooks.ts';
import { jsonlLog } from '../log/jsonl.ts';
import { describeEnvironment, writeEnvironment } from './environment.ts';
import type { Run } from './open-run.ts';
import type { Position } from './position.ts';

/** Where the logs are, who else observes, and who is told of hooks that fail and of files that lack rows. */
interface LogOptions {
  readonly runFolder: string;
  readonly hooks: readonly TrainHooks[];
  readonly warn: (message: string) => void;
}

/** Opens the files of the run folder, and reports the beginning to them and to the caller's hooks. */
export async function openLogs(
  run: Run,
  start: Position,
  { runFolder, hooks, warn }: LogOptions,
): Promise<RunHooks> {
  const { config, dataset, network, stepsPerEpoch, tricks } = run;
  const firstStep = start.epoch * stepsPerEpoch + start.stepInEpoch;
  const notes = tricks.flatMap(({ notes }) => notes ?? []);
  const { pretrained } = run;
  const weights = pretrained ? [{ environment: { pretrained } }] : [];
  const environment = describeEnvironment(run.backend, [...notes, ...weights], new Date());
  await writeEnvironment(runFolder, environment).catch((cause) => {
    throw saveError(join(runFolder, 'env.json'), 'a file that can be written', cause);
  });
  const columns = tricks.flatMap((trick) => trick.columns ?? []);
  const others = tricks.flatMap(({ weights }) => weights?.name ?? []);
  const rows = combineHooks([
    csvLog(join(runFolder, 'summary.csv'), { firstEpoch: start.epoch, columns, others, say: warn }),
    badImageLog(join(runFolder, 'bad-images.jsonl'), { firstEpoch: start.epoch }),
    jsonlLog(join(runFolder, 'metrics.jsonl'), { firstStep, columns, say: warn }),
  ]);
  const report = reportWriter(runFolder);
  const write = () => report.update();
  const ours = shieldHooks([{ name: 'report', onEpochEnd: write, onTrainEnd: write }], warn);
  const log = runHooks(rows, combineHooks([ours, shieldHooks(hooks, warn)]));
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
