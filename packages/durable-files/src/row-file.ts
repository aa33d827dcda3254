import { appendFileSync, existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { writeWholeSync } from './write-whole.ts';

/** A text file that grows by whole rows. */
export interface RowFile {
  /** The last row that stayed when it was opened, or null. */
  readonly last: string | null;
  /** @throws What the file system throws; no part of the row is left then, if that can be. */
  append(row: string): void;
}

/**
 * Opens a file of rows to go on after the last one that `stays`: what follows is cut off, and a row that a kill left torn too. Rows
 * that stay are never written again, so nothing that happens here can lose them; only under another `header` the file is written
 * anew, whole, and renamed. It is read from the end, and made when the first row comes or at once for its header.
 *
 * @throws What the file system throws.
 */
export function openRows(
  path: string,
  { stays, header }: { readonly stays: (row: string) => boolean; readonly header?: string },
): RowFile {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const first = header === undefined ? 0 : bytes.indexOf('\n') + 1;
  let end = bytes.lastIndexOf('\n') + 1;
  let last: string | null = null;
  while (end > first && last === null) {
    const start = Math.max(first, end < 2 ? 0 : bytes.lastIndexOf('\n', end - 2) + 1);
    const row = bytes.toString('utf8', start, end - 1);
    if (stays(row)) last = row;
    else end = start;
  }
  if (end < bytes.length) truncateSync(path, end);
  if (header !== undefined && bytes.toString('utf8', 0, first) !== `${header}\n`) {
    const whole = Buffer.concat([Buffer.from(`${header}\n`), bytes.subarray(first, end)]);
    writeWholeSync(path, whole);
  }
  return { last, append: (row) => append(path, row) };
}

function append(path: string, row: string): void {
  const before = existsSync(path) ? statSync(path).size : 0;
  try {
    appendFileSync(path, `${row}\n`);
  } catch (error) {
    if (existsSync(path)) truncateSync(path, before);
    throw error;
  }
}

/** Waits until the rows of a file are on the disk; nothing where there is no file. */
export async function syncRows(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
