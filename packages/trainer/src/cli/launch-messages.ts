import type { TrainHooks } from '../run/train-options.ts';

/** What the first of several processes tells the `launch` that started it. */
export interface Started {
  readonly runFolder: string;
  /** The arguments of the command that goes on with the run. */
  readonly resume: readonly string[];
}

/** Tells `launch`, if it started this process, which run it is. */
export function tellLaunch(resumption: (runFolder: string) => string[]): TrainHooks {
  return {
    name: 'launch',
    onTrainBegin({ runFolder }) {
      process.send?.({ runFolder, resume: resumption(runFolder) } satisfies Started);
    },
  };
}

/** Stops in good order, as at a SIGTERM, when the `launch` that started this process has gone. */
export function heedLaunch(): void {
  if (!process.channel) return;
  process.once('disconnect', () => {
    // Not by the system: on Windows its SIGTERM ends a process at once, whoever listens.
    if (!process.emit('SIGTERM')) process.kill(process.pid, 'SIGTERM');
  });
  // The end of the run is not to wait for it.
  process.channel.unref();
}
