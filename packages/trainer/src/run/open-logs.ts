import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  combineHooks,
  describeEnvironment,
  openRowLogs,
  type Position,
  type RunHooks,
  runHooks,
  saveError,
  shieldHooks,
  writeEnvironment,
} from '@bag-of-tricks/run-folder';
import { reportWriter } from '@bag-of-tricks/run-report';
import type { Network } from '@bag-of-tricks/train-step';
import { stepsTaken } from '../epoch-steps.ts';
import { version } from '../version.ts';
import type { Run } from './open-run.ts';
import type { TrainHooks } from './train-options.ts';

const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Where the logs are, who else observes, and who is told of hooks that fail and of files that lack rows. */
interface LogOptions {
  readonly runFolder: string;
  readonly hooks: readonly TrainHooks[];
  readonly warn: (message: string) => void;
}

/** How many numbers the parameters are, those that are frozen too. */
function countParameters({ parameters, buffers, groups = [] }: Network): number {
  const frozen = groups.flatMap(({ parameters }) =>
    parameters.flatMap((name) => buffers[name] ?? []),
  );
  return [...Object.values(parameters), ...frozen].reduce((sum, { size }) => sum + size, 0);
}

/** Opens the files of the run folder, and reports the beginning to them and to the caller's hooks. */
export async function openLogs(
  run: Run,
  start: Position,
  { runFolder, hooks, warn }: LogOptions,
): Promise<RunHooks> {
  const { config, dataset, network, stepsPerEpoch, tricks } = run;
  const firstStep = stepsTaken(run, start);
  const notes = tricks.flatMap(({ notes }) => notes ?? []);
  const { name: backend, version: tensorflow, devices } = run.backend;
  const program = { cli, trainer: version, tensorflow, backend, devices };
  const { pretrained } = run;
  const weights = pretrained ? [{ environment: { pretrained } }] : [];
  const environment = describeEnvironment(program, [...notes, ...weights], new Date());
  await writeEnvironment(runFolder, environment).catch((cause) => {
    throw saveError(join(runFolder, 'env.json'), 'a file that can be written', cause);
  });
  const columns = tricks.flatMap((trick) => trick.columns ?? []);
  const others = tricks.flatMap(({ weights }) => weights?.name ?? []);
  const from = { firstEpoch: start.epoch, firstStep, renumbered: run.renumbered };
  const rows = openRowLogs(runFolder, { ...from, columns, others, say: warn });
  const report = reportWriter(runFolder);
  const write = () => report.update();
  const ours = shieldHooks([{ name: 'report', onEpochEnd: write, onTrainEnd: write }], warn);
  const log = runHooks(rows, combineHooks([ours, shieldHooks(hooks, warn)]));
  log.onTrainBegin({
    ...{ config, runFolder, environment, columns, stepsPerEpoch, firstStep },
    notes: notes.flatMap(({ lines }) => lines),
    processes: run.processes.size,
    parameters: countParameters(network),
    trainSamples: dataset.trainSize,
    evalSamples: dataset.evalSize,
  });
  return log;
}
