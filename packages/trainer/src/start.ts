import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint/load.ts';
import type { KnownTricks, TrainConfig } from './config/schema.ts';
import { badImageLog } from './log/bad-images.ts';
import { csvLog } from './log/csv.ts';
import { combineHooks, type TrainHooks, type TrainResult } from './log/hooks.ts';
import { jsonlLog } from './log/jsonl.ts';
import { runEpochs } from './loop.ts';
import { reportLog } from './report/report.ts';
import { describeEnvironment } from './run/environment.ts';
import { createRunFolder } from './run/folder.ts';
import { type OpenOptions, type OwnParts, openRun, type Run } from './run/open-run.ts';
import { beginning, type Position } from './run/position.ts';

/** What watches and what stops a run. */
export interface WatchOptions extends OpenOptions {
  readonly hooks?: readonly TrainHooks[];
  /** When aborted, the run finishes its step, saves and returns with `finished: false`; before its first step it throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called with a line of text during long preparations. */
  readonly onProgress?: (message: string) => void;
}

/** A run to be started: what it may name, and what its caller brings. */
export interface Going extends WatchOptions {
  readonly known: KnownTricks;
  readonly own: OwnParts;
}

/** Starts a new run, and trains it to its end. */
export async function begin(config: TrainConfig, going: Going): Promise<TrainResult> {
  const run = await openRun({ config, checkpoint: null, ...going }, going);
  const imageSize = run.dataset.imageShape[0];
  return runToEnd(run, beginning, going, () =>
    createRunFolder(run.config, { imageSize, now: new Date() }),
  );
}

/** Goes on with the run of a folder from its last checkpoint. */
export async function goOn(runFolder: string, going: Going): Promise<TrainResult> {
  const checkpoint = await openCheckpoint(
    join(runFolder, 'checkpoints', 'last'),
    'last',
    going.known,
  );
  const run = await openRun({ config: checkpoint.state.config, checkpoint, ...going }, going);
  return runToEnd(run, positionOf(checkpoint), going, () => runFolder);
}

function positionOf({ state }: OpenedCheckpoint): Position {
  const { epoch, stepInEpoch, totals, best, weights } = state;
  return { epoch, stepInEpoch, totals, best, weights };
}

async function runToEnd(
  run: Run,
  start: Position,
  { hooks = [], signal }: WatchOptions,
  openFolder: () => string,
): Promise<TrainResult> {
  try {
    const runFolder = openFolder();
    const watching = openLogs(run, start, { runFolder, hooks });
    return await runEpochs(run, start, { runFolder, hooks: watching, signal });
  } finally {
    await run.dispose();
  }
}

/** Opens the files of the run folder, and tells them and the caller's hooks of the beginning. */
function openLogs(
  run: Run,
  start: Position,
  { runFolder, hooks }: { readonly runFolder: string; readonly hooks: readonly TrainHooks[] },
): Required<TrainHooks> {
  const { config, dataset, network, stepsPerEpoch, tricks } = run;
  const firstStep = start.epoch * stepsPerEpoch + start.stepInEpoch;
  const notes = tricks.flatMap(({ notes }) => notes ?? []);
  const environment = describeEnvironment(run.backend, notes, new Date());
  writeFileSync(join(runFolder, 'env.json'), `${JSON.stringify(environment, null, 2)}\n`);
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
