import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files } from './write-folder-whole.ts';

/** The file of checksums in a folder, as `sha256sum` writes and checks it. */
export const CHECKSUMS = 'SHA256SUMS';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

/** The content of `SHA256SUMS` for these files. */
export function checksumsOf(files: Files): string {
  const lines = Object.entries(files).map(([name, content]) => `${sha256(content)}  ${name}\n`);
  return lines.join('');
}

/** A file that is not there, or no file. Any other error is of the disk or of this process, and may be gone the next time. */
const missing = ['ENOENT', 'ENOTDIR', 'EISDIR'];

/**
 * Compares a folder with its `SHA256SUMS`.
 *
 * @returns What is damaged, in words that name the file, or null when all is whole.
 * @throws Error with the `code` of the file system when a file is there and cannot be read: that says nothing about its bytes.
 */
export async function findDamage(folder: string): Promise<string | null> {
  const read = (name: string) =>
    readFile(join(folder, name)).catch((cause: NodeJS.ErrnoException) => {
      const code = cause.code ?? 'error';
      if (missing.includes(code)) return code;
      const message = `${join(folder, name)}: expected a file that can be read, got ${code}: whether it is whole is not known. Try again, or mend the disk`;
      throw Object.assign(new Error(message, { cause }), { code });
    });
  const sums = await read(CHECKSUMS);
  if (typeof sums === 'string') return `${CHECKSUMS} cannot be read (${sums})`;
  for (const line of sums.toString().trimEnd().split('\n')) {
    const [, expected, name] = /^([0-9a-f]{64}) {2}([^/]+)$/.exec(line) ?? [];
    if (!expected || !name) return `${CHECKSUMS} has a line that is no checksum`;
    const content = await read(name);
    if (typeof content === 'string') return `${name} cannot be read (${content})`;
    const got = sha256(content);
    if (got !== expected)
      return `${name} has other bytes than were written (SHA-256 ${got.slice(0, 12)}…, expected ${expected.slice(0, 12)}…)`;
  }
  return null;
}
