import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { renamePatiently, renamePatientlySync } from './rename-patiently.ts';
import { syncFolder, syncFolderSync } from './sync-folder.ts';

/** Ends the names of files that are being written; a process that was killed leaves them behind. */
export const UNFINISHED = '.unfinished';

/** Options of `writeWhole` and `writeWholeSync`. */
export interface WriteWholeOptions {
  /** What the temporary name, beside `path`, ends in. Default: `UNFINISHED`. */
  readonly suffix?: string;
  /** Wait until the bytes and the rename are on the disk. Default: true. */
  readonly fsync?: boolean;
}

/**
 * Writes a file so that, whatever happens in between, either the old one or the whole new one is there and on the disk. What ends
 * the process leaves a file that ends in `suffix`.
 *
 * @example
 * ```ts no-run
 * import { writeWhole } from '@bag-of-tricks/durable-files';
 *
 * await writeWhole('log.txt', async (file) => {
 *   for (const line of ['one', 'two']) await file.writeFile(`${line}\n`);
 * });
 * ```
 *
 * @returns What `write` returns, which gets the open file.
 * @throws What `write` or the file system throws; the temporary file is then removed.
 */
export async function writeWhole<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
  { suffix = UNFINISHED, fsync = true }: WriteWholeOptions = {},
): Promise<T> {
  // A name that no other process writes to, in the same folder, so that it can be renamed.
  const temporary = `${path}.${randomUUID()}${suffix}`;
  let written: T;
  try {
    const file = await open(temporary, 'wx');
    try {
      written = await write(file);
      if (fsync) await file.sync();
    } finally {
      await file.close();
    }
    await renamePatiently(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  if (fsync) await syncFolder(dirname(path));
  return written;
}

/**
 * Writes a file of this content whole, as `writeWhole` does.
 *
 * @throws What the file system throws; the temporary file is then removed.
 */
export async function writeFileWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeWhole(path, (file) => file.writeFile(content));
}

/**
 * Writes a file of this content whole, as `writeWhole` does, before it returns.
 *
 * @throws What the file system throws; the temporary file is then removed.
 */
export function writeWholeSync(
  path: string,
  content: string | Uint8Array,
  { suffix = UNFINISHED, fsync = true }: WriteWholeOptions = {},
): void {
  const temporary = `${path}.${randomUUID()}${suffix}`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      writeFileSync(file, content);
      if (fsync) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renamePatientlySync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (fsync) syncFolderSync(dirname(path));
}
