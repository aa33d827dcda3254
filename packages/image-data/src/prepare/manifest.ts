import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '@bag-of-tricks/durable-files';

/** What decides what the shards hold; shards made with other settings are not mixed. */
export interface ShardSettings {
  readonly shortSide: number | null;
  readonly quality: number;
  /** Images a shard. */
  readonly shardSize: number;
  readonly seed: number;
  /** Images in the source. */
  readonly images: number;
  /** Of the names and labels of the source's images. */
  readonly sourceSha256: string;
}

/** A finished shard. */
export interface ShardRecord {
  readonly file: string;
  readonly images: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Bad images that were left out. */
  readonly skipped: readonly { readonly image: string; readonly reason: string }[];
}

/** What lies in `manifest.json` beside the shards. */
export interface ShardManifest {
  readonly format: 'bag-of-tricks shards 1';
  readonly settings: ShardSettings;
  readonly complete: boolean;
  /** In the shards, without those left out. */
  readonly images: number;
  readonly shards: readonly ShardRecord[];
}

const FILE_NAME = 'manifest.json';

/**
 * The manifest of a folder; `undefined` when there is none.
 *
 * @throws Error when the file is damaged or was made with other settings.
 */
export async function readManifest(
  folder: string,
  settings: ShardSettings,
): Promise<ShardManifest | undefined> {
  const path = join(folder, FILE_NAME);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const manifest = parse(text);
  if (manifest === undefined) {
    throw new Error(
      `prepareShards: expected a manifest of shards in ${path}, found something else. Choose another output folder, or delete this one to begin anew.`,
    );
  }
  for (const [name, value] of Object.entries(settings)) {
    const before = manifest.settings[name as keyof ShardSettings];
    if (before !== value) {
      throw new Error(
        `prepareShards: expected to go on in ${folder} with the same settings, got ${name} ${value} where its shards have ${before}. Choose another output folder, or delete this one to begin anew.`,
      );
    }
  }
  return manifest;
}

function parse(text: string): ShardManifest | undefined {
  try {
    const manifest = JSON.parse(text) as ShardManifest;
    const isOurs = manifest.format === 'bag-of-tricks shards 1' && Array.isArray(manifest.shards);
    return isOurs && typeof manifest.settings === 'object' ? manifest : undefined;
  } catch {
    return undefined;
  }
}

export function manifestOf(
  settings: ShardSettings,
  shards: readonly ShardRecord[],
  complete: boolean,
): ShardManifest {
  const images = shards.reduce((sum, shard) => sum + shard.images, 0);
  return { format: 'bag-of-tricks shards 1', settings, complete, images, shards };
}

export async function writeManifest(folder: string, manifest: ShardManifest): Promise<void> {
  await writeFileWhole(join(folder, FILE_NAME), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Whether a finished shard is still there and has the bytes that it had. */
export async function isWhole(
  folder: string,
  { file, sha256 }: ShardRecord,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    const stream = createReadStream(join(folder, file), { ...(signal && { signal }) });
    for await (const chunk of stream) hash.update(chunk as Buffer);
  } catch {
    signal?.throwIfAborted();
    return false;
  }
  return hash.digest('hex') === sha256;
}
