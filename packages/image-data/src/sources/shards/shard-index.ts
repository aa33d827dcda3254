import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { writeFileWhole } from '@bag-of-tricks/durable-files';
import type { ShardEntry } from './shard-entry.ts';

/** What an index must fit: the shard as it is now, and how it was read. */
export interface IndexKey {
  /** How entries were found; an index made in another way is not used. */
  readonly kind: string;
  readonly bytes: number;
  /** Time of the last change in nanoseconds, as a decimal number: more digits than JSON's numbers keep. */
  readonly modified: string;
}

interface IndexHeader extends IndexKey {
  readonly format: 'bag-of-tricks shard index 1';
  readonly images: number;
  /** Of everything after the first line. */
  readonly sha256: string;
}

/** The index of a shard lies beside it. */
export function indexPath(shard: string): string {
  return `${shard}.index`;
}

/** What the index of a shard must fit at present. */
export async function indexKey(shard: string, kind: string): Promise<IndexKey> {
  const { size, mtimeNs } = await stat(shard, { bigint: true });
  return { kind, bytes: Number(size), modified: String(mtimeNs) };
}

/** Whether a shard is still the one that a key was made of. */
export function isUnchanged(key: IndexKey, { size, mtimeNs }: BigIntStats): boolean {
  return key.bytes === Number(size) && key.modified === String(mtimeNs);
}

/**
 * Writes the index of a shard: a line of JSON, then a line `offset <tab> size <tab> label <tab> name` an image.
 * The file appears whole or not at all.
 */
export async function writeIndex(
  shard: string,
  key: IndexKey,
  entries: readonly ShardEntry[],
): Promise<void> {
  const body = entries
    .map(({ offset, size, label, name }) => `${offset}\t${size}\t${label}\t${escapeName(name)}\n`)
    .join('');
  const header: IndexHeader = {
    format: 'bag-of-tricks shard index 1',
    ...key,
    images: entries.length,
    sha256: createHash('sha256').update(body).digest('hex'),
  };
  await writeFileWhole(indexPath(shard), `${JSON.stringify(header)}\n${body}`);
}

/** The entries in the index of a shard; `undefined` when it has none that is whole and fits. */
export async function readIndex(shard: string, key: IndexKey): Promise<ShardEntry[] | undefined> {
  const text = await readFile(indexPath(shard), 'utf8').catch(() => '');
  const end = text.indexOf('\n') + 1;
  const body = text.slice(end);
  if (!fits(text.slice(0, end), key, body)) return undefined;
  return body
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [offset, size, label, name] = line.split('\t');
      return { offset: Number(offset), size: Number(size), label: Number(label), name: name ?? '' };
    });
}

function fits(line: string, key: IndexKey, body: string): boolean {
  try {
    const header = JSON.parse(line) as IndexHeader;
    return (
      header.format === 'bag-of-tricks shard index 1' &&
      header.kind === key.kind &&
      header.bytes === key.bytes &&
      header.modified === key.modified &&
      header.sha256 === createHash('sha256').update(body).digest('hex')
    );
  } catch {
    return false;
  }
}

/** Names are shown, never opened: what would break the lines is spelled out. */
function escapeName(name: string): string {
  return name.replace(/[\t\n\r]/g, (character) => JSON.stringify(character).slice(1, -1));
}
