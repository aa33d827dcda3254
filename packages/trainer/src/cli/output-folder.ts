import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { explainSystemError } from './describe-error.ts';

/**
 * Refuses a folder that nothing can be made in, before minutes of preparations; it need not exist yet.
 *
 * @throws Error naming the folder, or the one above it that is there, and what to do.
 */
export function checkWritable(folder: string): void {
  let there = resolve(folder);
  while (!existsSync(there) && there !== dirname(there)) there = dirname(there);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `output ${folder}: cannot be written. ${explainSystemError(cause as NodeJS.ErrnoException)} (--output)`,
      { cause },
    );
  }
}
