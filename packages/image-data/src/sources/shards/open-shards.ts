import { open } from 'node:fs/promises';
import { type ByteReader, windowReader } from './byte-reader.ts';
import type { ShardEntry } from './shard-entry.ts';
import { indexKey, indexPath, readIndex, writeIndex } from './shard-index.ts';
import { ShardTable } from './shard-table.ts';

/** How `openShards` lists the images of a shard. */
export interface OpenShardsOptions {
  /** Changes with anything that changes what is listed. */
  readonly kind: string;
  readonly list: (reader: ByteReader, shard: string) => AsyncIterable<ShardEntry>;
  /** Bytes to read at a time when listing. Default: what suits jumps from header to header. */
  readonly windowBytes?: number;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * The images of all shards, from the index beside each; an index that is missing, damaged or older than its shard is
 * made anew, in memory only where it cannot be written.
 */
export async function openShards(
  shards: readonly string[],
  options: OpenShardsOptions,
): Promise<ShardTable> {
  const { kind, warn, signal } = options;
  const table = new ShardTable();
  for (const shard of shards) {
    signal?.throwIfAborted();
    const key = await indexKey(shard, kind);
    let entries = await readIndex(shard, key);
    if (entries === undefined) {
      entries = await listShard(shard, key.bytes, options);
      await writeIndex(shard, key, entries).catch((error: Error) =>
        warn(
          `${indexPath(shard)}: the index could not be written, so it will be made again next time: ${error.message}`,
        ),
      );
    }
    table.addShard(shard, key, entries);
  }
  return table;
}

async function listShard(
  shard: string,
  bytes: number,
  { list, windowBytes, signal }: OpenShardsOptions,
): Promise<ShardEntry[]> {
  const file = await open(shard, 'r');
  try {
    const entries: ShardEntry[] = [];
    for await (const entry of list(windowReader(file, bytes, windowBytes), shard)) {
      signal?.throwIfAborted();
      entries.push(entry);
    }
    return entries;
  } finally {
    await file.close();
  }
}
