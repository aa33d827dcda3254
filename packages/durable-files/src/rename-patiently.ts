import { renameSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isOpenElsewhere } from './system-errors.ts';

const tries = 20;
const pause = 50;

/** Renames; on Windows tries for a second where another program has a file open. */
export async function renamePatiently(
  from: string,
  to: string,
  os: string = process.platform,
): Promise<void> {
  for (let left = tries; ; left--) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (left === 0 || !isOpenElsewhere(error, os)) throw error;
    }
    await delay(pause);
  }
}

/** Does what `renamePatiently` does, before it returns. */
export function renamePatientlySync(from: string, to: string, os: string = process.platform): void {
  for (let left = tries; ; left--) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (left === 0 || !isOpenElsewhere(error, os)) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
  }
}
