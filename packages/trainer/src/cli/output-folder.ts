import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nearestExisting } from '../config/absolute-paths.ts';
import { explainSystemError } from './describe-error.ts';

/**
 * Refuses a folder that nothing can be made in, before minutes of preparations; it need not exist yet.
 *
 * @param flag - What gave it.
 * @throws Error naming the folder, or the one above it that is there, and what to do.
 */
export function checkWritable(folder: string, flag = '--output'): void {
  const there = nearestExisting(folder);
  const name = flag.replace(/^--/, '');
  if (!statSync(there).isDirectory()) {
    throw new Error(
      `${name} ${folder}: expected a folder, ${there} is a file. Give another ${flag}`,
    );
  }
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `${name} ${folder}: cannot be written. ${explainSystemError(cause as NodeJS.ErrnoException)} (${flag})`,
      { cause },
    );
  }
}

/**
 * Refuses an output that a run cannot begin in: one that cannot be written, or that holds a run of that name.
 *
 * @throws Error naming the folder and what to do.
 */
export function checkNewRun({ output, experiment }: RunPlace): void {
  checkWritable(output);
  if (experiment === null) return;
  const folder = resolve(output, experiment);
  if (!existsSync(folder) || (statSync(folder).isDirectory() && holdsNothingTrained(folder)))
    return;
  throw new Error(
    `run folder ${folder}: expected a new folder, it exists. Give another --experiment, or go on with --resume ${folder}`,
  );
}

interface RunPlace {
  readonly output: string;
  readonly experiment: string | null;
}

/** An empty folder, or what a run left that ended before its first checkpoint. */
function holdsNothingTrained(folder: string): boolean {
  const saved = join(folder, 'checkpoints');
  if (existsSync(saved)) return !readdirSync(saved).some((name) => /^epoch-\d+/.test(name));
  return existsSync(join(folder, 'args.yaml')) || readdirSync(folder).length === 0;
}
