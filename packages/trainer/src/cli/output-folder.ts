import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { requireNothingTrained } from '@bag-of-tricks/run-folder';
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
  requireNothingTrained(folder);
  checkWritable(folder, '--experiment');
}

interface RunPlace {
  readonly output: string;
  readonly experiment: string | null;
}
