import {
  combineHooks,
  keepImagesList,
  type Position,
  runHooks,
  type TrainResult,
} from '@bag-of-tricks/run-folder';
import { runEpochs } from './loop.ts';
import { checkRoom } from './run/check-room.ts';
import { keepFeatures } from './run/kept-features.ts';
import { openLogs } from './run/open-logs.ts';
import type { Run } from './run/open-run.ts';
import { withLastCheckpoint } from './run/run-processes.ts';
import type { WatchOptions } from './run/train-options.ts';

const noHooks = runHooks(combineHooks([]), combineHooks([]));

/** Rank 0 writes the run folder, and the others have none of their own. */
export async function runToEnd(
  run: Run,
  start: Position,
  runFolder: string | null,
  { hooks = [], saveRequested, onProgress: warn = process.emitWarning }: WatchOptions,
): Promise<TrainResult> {
  const { processes } = run;
  const { signal } = processes;
  let folder = runFolder ?? undefined;
  try {
    folder = (await processes.gather(runFolder))[0]!;
    if (runFolder === null) {
      const around = { runFolder: folder, hooks: noHooks, warn, signal, saveRequested: undefined };
      const result = await runEpochs(run, start, around);
      await run.runner.sync();
      // Rank 0 has saved.
      await processes.gather(null);
      return result;
    }
    await checkRoom(run, runFolder, warn);
    await keepFeatures(runFolder, run.features, warn);
    await keepImagesList(runFolder, run.data?.list ?? null);
    const watching = await openLogs(run, start, { runFolder, hooks, warn });
    const around = { runFolder, hooks: watching, warn, signal, saveRequested };
    const result = await runEpochs(run, start, around);
    // All is saved: it does not matter any more who has gone.
    await processes.gather(null).catch(() => {});
    return result;
  } catch (error) {
    throw withLastCheckpoint(error, folder);
  }
}
