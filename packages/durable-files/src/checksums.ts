import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainCode } from './system-errors.ts';
import type { Files } from './write-folder-whole.ts';

/** The file of checksums in a folder, as `sha256sum` writes and checks it. */
export const CHECKSUMS = 'SHA256SUMS';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

/** The content of `SHA256SUMS` for these files. */
export function checksumsOf(files: Files): string {
  const lines = Object.entries(files).map(([name, content]) => `${sha256(content)}  ${name}\n`);
  return lines.join('');
}

/** What is said of a file that is not there, or is no file. */
const missing = ['ENOENT', 'ENOTDIR', 'EISDIR'];

/**
 * Whether an error, or its cause, is of reading and not of what was read: a file is there, and whether it is whole is not known. The
 * disk, or too many open files, may be to blame, and it may be gone the next time.
 */
export function isUnread(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  // Codes of the file system; Node's own begin with ERR_.
  if (typeof code === 'string') return /^E[A-Z0-9]+$/.test(code) && !missing.includes(code);
  return cause instanceof Error && isUnread(cause);
}

/**
 * Compares a folder, or of its files those of these names, with its `SHA256SUMS`. What was read already is not read again.
 *
 * @returns What is damaged, in words that name the file, or null when all is whole.
 * @throws Error with the `code` of the file system when a file is there and cannot be read: that says nothing about its bytes.
 */
export async function findDamage(
  folder: string,
  names?: readonly string[],
  known: Readonly<Record<string, Uint8Array>> = {},
): Promise<string | null> {
  const read = (name: string) =>
    readFile(join(folder, name)).catch((cause: NodeJS.ErrnoException) => {
      if (!isUnread(cause)) return explainCode(cause);
      const { code } = cause;
      const message = `${join(folder, name)}: expected a file that can be read, got ${explainCode(cause)}: whether it is whole is not known. Try again, or mend the disk`;
      throw Object.assign(new Error(message, { cause }), { code });
    });
  const sums = await read(CHECKSUMS);
  if (typeof sums === 'string') return `${CHECKSUMS} cannot be read: ${sums}`;
  const lines = sums.toString().trimEnd().split('\n');
  const unnamed = names?.find((name) => !lines.some((line) => line.endsWith(`  ${name}`)));
  if (unnamed !== undefined) return `${CHECKSUMS} has no line for ${unnamed}`;
  for (const line of lines) {
    const [, expected, name] = /^([0-9a-f]{64}) {2}([^/]+)$/.exec(line) ?? [];
    if (!expected || !name) return `${CHECKSUMS} has a line that is no checksum`;
    if (names && !names.includes(name)) continue;
    const content = known[name] ?? (await read(name));
    if (typeof content === 'string') return `${name} cannot be read: ${content}`;
    const got = sha256(content);
    if (got !== expected)
      return `${name} has other bytes than were written (SHA-256 ${got.slice(0, 12)}…, expected ${expected.slice(0, 12)}…)`;
  }
  return null;
}
