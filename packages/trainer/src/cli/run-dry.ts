import type { DryRun } from '../dry-run.ts';
import { exitCodes } from '../errors.ts';
import { formatDryRun } from './format-dry-run.ts';
import { type Joined, joinOthers } from './join-others.ts';
import type { RunFlags } from './run-training.ts';
import { stopOnRequest } from './stop-requests.ts';

interface RunningDry {
  readonly flags: RunFlags;
  readonly print: (line: string) => void;
}

/** A dry run, alone or as one of several processes, of which rank 0 says what it would take. */
export async function runDry(
  start: (watch: Joined) => Promise<DryRun>,
  { flags, print }: RunningDry,
): Promise<void> {
  const { signal, exitCode } = stopOnRequest(print, { what: 'stopping' });
  const { collectiveTimeout: timeout, heartbeat } = flags;
  let isFirst = true;
  const begin = async () => {
    const joined = await joinOthers({ timeout, heartbeat, signal, print });
    ({ isFirst } = joined);
    return start(joined);
  };
  const estimate = await begin().catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
    return null;
  });
  // Another of the processes may have been asked to stop.
  if (!estimate) process.exitCode = exitCode() || exitCodes.terminated;
  if (!isFirst) return;
  for (const line of estimate ? formatDryRun(estimate) : ['Interrupted. Nothing was written'])
    print(line);
}
