import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  consoleLog,
  formatShare,
  command as npx,
  type TrainResult,
} from '@bag-of-tricks/run-folder';
import { pluginFlags, shellWord } from '../config/load.ts';
import { exitCodes } from '../errors.ts';
import type { train } from '../fit.ts';
import { joinOthers } from './join-others.ts';
import { tellLaunch } from './launch-messages.ts';
import type { Plugins } from './plugins.ts';
import { createPrinter } from './printer.ts';
import { columnsOf } from './progress-bar.ts';
import { saveOnRequest } from './save-requests.ts';
import { stopOnRequest } from './stop-requests.ts';

/** How the run that was interrupted goes on; `launch` says it itself. */
function goOn(runFolder: string, { modules }: Plugins, processes: number): string {
  if (process.channel) return '';
  const where = processes > 1 ? `, in each of ${processes} processes` : '';
  return `. Go on with: ${npx} train --resume ${shellWord(resolve(runFolder))}${pluginFlags(modules)}${where}`;
}

function summarize(
  result: TrainResult,
  goingOn: (runFolder: string) => string,
  print: (line: string) => void,
): void {
  const {
    finished,
    evaluation,
    best,
    imagesPerSecond,
    trainSeconds,
    dataSeconds,
    runFolder,
    step,
    totalSteps,
  } = result;
  if (!finished) {
    print(`Interrupted after step ${step} of ${totalSteps}${goingOn(runFolder)}`);
    return;
  }
  if (result.endedEarly && best)
    print(
      `Ended early after step ${step} of ${totalSteps}: no evaluation since epoch ${best.epoch} was better`,
    );
  const atBest = best ? `; at best ${best.top1.toFixed(2)} % (epoch ${best.epoch})` : '';
  if (evaluation) print(`Top-1 accuracy: ${evaluation.top1.toFixed(2)} %${atBest}`);
  if (imagesPerSecond > 0) {
    print(`Throughput: ${imagesPerSecond.toFixed(1)} img/s`);
    print(`Waiting for data: ${formatShare(dataSeconds, trainSeconds)} of the training time`);
  }
  print(`Run folder: ${runFolder}`);
  const report = join(runFolder, 'report.html');
  if (existsSync(report)) print(`Report: ${report}`);
}

/** For what was asked to stop: null in place of the signal's reason. */
const nullIfAborted = (signal: AbortSignal) => (error: unknown) => {
  if (!signal.aborted || (error as Error).name !== 'AbortError') throw error;
  return null;
};

export type Watch = NonNullable<Parameters<typeof train>[1]>;

/** Flags that are no settings of the run; durations in seconds. */
export interface RunFlags {
  readonly resume?: string;
  readonly acceptChangedData?: boolean;
  readonly maxTime?: number;
  readonly collectiveTimeout?: number;
  readonly heartbeat?: number;
}

interface Running {
  readonly plugins: Plugins;
  readonly logInterval: number;
  readonly flags: RunFlags;
  /** Where images that moved are. */
  readonly dataDir?: string | null | undefined;
}

/** What goes on with the run in place of its command. */
function resumption(runFolder: string, { plugins, flags, dataDir }: Running): string[] {
  const { acceptChangedData, collectiveTimeout, heartbeat } = flags;
  return [
    ...['train', '--resume', runFolder],
    ...plugins.modules.flatMap((module) => ['--plugin', module]),
    ...(flags.resume !== undefined && dataDir ? ['--data-dir', dataDir] : []),
    ...(acceptChangedData ? ['--accept-changed-data'] : []),
    ...(collectiveTimeout ? ['--collective-timeout', `${collectiveTimeout}s`] : []),
    ...(heartbeat ? ['--heartbeat', `${heartbeat}s`] : []),
  ];
}

/** Runs a training with what a terminal and signals do to it, alone or as one of several processes, and says how it ended. */
export async function runTraining(
  start: (options: Watch) => Promise<TrainResult>,
  running: Running,
): Promise<void> {
  const { plugins, logInterval, flags } = running;
  const printer = createPrinter();
  const { signal, exitCode } = stopOnRequest(printer.print, { maxSeconds: flags.maxTime });
  const columns = () => columnsOf(process.stdout);
  const { collectiveTimeout: timeout, heartbeat } = flags;
  let isFirst = true;
  let self = '';
  let processes = 1;
  const begin = async () => {
    const joined = await joinOthers({ timeout, heartbeat, signal, print: printer.print });
    ({ isFirst, self } = joined);
    const { cluster, onProgress } = joined;
    processes = cluster?.addresses.length ?? 1;
    return start({
      ...{ cluster, signal, onProgress },
      hooks: [
        consoleLog(printer.toTerminal, { logInterval, columns }),
        consoleLog(printer.toLog, { logInterval }),
        printer.hooks,
        tellLaunch((runFolder) => resumption(runFolder, running)),
      ],
      saveRequested: saveOnRequest(printer.print, cluster?.rank),
      plugins: plugins.tricks,
      pluginModules: plugins.modules,
    });
  };
  const result = await begin().catch(nullIfAborted(signal));
  if (result === null) {
    const { resume } = flags;
    const left = resume === undefined ? 'Nothing had been trained' : `${resume} is as it was`;
    printer.print(`Interrupted before the first step. ${left}`);
    printer.close();
    process.exitCode = exitCode();
    return;
  }
  const { step, totalSteps, runFolder } = result;
  if (isFirst) summarize(result, (folder) => goOn(folder, plugins, processes), printer.print);
  else
    printer.print(`${self}: ended after step ${step} of ${totalSteps}. Run folder: ${runFolder}`);
  printer.close();
  // Another of the processes may have been asked to stop.
  if (!result.finished) process.exitCode = exitCode() || exitCodes.terminated;
}
