import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toFloat32Array } from '@bag-of-tricks/safetensors';
import { openSafetensors } from '@bag-of-tricks/safetensors/node';
import { refusePickle } from './pickle.ts';
import type { StateDict, StateDictEntry } from './state-dict.ts';
import type { WeightsFile } from './weights.ts';

/** The file that lists which tensor is in which of several files. */
export const shardIndex = 'model.safetensors.index.json';

/** The SHA-256 of a file, in hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** The files of an index, with the names that each must hold. */
export async function readShardIndex(path: string): Promise<Map<string, string[]>> {
  let map: unknown;
  try {
    map = (JSON.parse(await readFile(path, 'utf8')) as { weight_map?: unknown } | null)?.weight_map;
  } catch (cause) {
    throw new Error(`${path}: expected JSON, got ${(cause as Error).message}. Copy it again`, {
      cause,
    });
  }
  const files = new Map<string, string[]>();
  for (const [name, file] of Object.entries(map ?? {})) {
    // A path would reach out of the folder.
    if (typeof file !== 'string' || basename(file) !== file || !file.endsWith('.safetensors')) {
      throw new Error(
        `${path}: expected the .safetensors file of each tensor by its name in this folder, got ${JSON.stringify(file)} for ${name}. Copy the index again`,
      );
    }
    files.set(file, [...(files.get(file) ?? []), name]);
  }
  if (files.size === 0) {
    throw new Error(`${path}: expected a weight_map of tensors, got none. Copy the index again`);
  }
  return files;
}

async function readOne(
  path: string,
  names: readonly string[] | null,
): Promise<[string, StateDictEntry][]> {
  await refusePickle(path);
  const file = await openSafetensors(path);
  try {
    const lacking = names?.find((name) => !file.tensors.has(name));
    if (lacking) {
      throw new Error(
        `${path}: expected the tensor ${lacking}, as ${shardIndex} says, found none. Copy index and files from one place`,
      );
    }
    const entries: [string, StateDictEntry][] = [];
    for (const name of names ?? file.tensors.keys()) {
      // Counts training steps; nothing is computed of it.
      if (name.endsWith('num_batches_tracked')) continue;
      const tensor = await file.read(name);
      entries.push([name, { shape: tensor.shape, data: toFloat32Array(tensor) }]);
    }
    return entries;
  } finally {
    await file.close();
  }
}

/**
 * Reads a .safetensors file, or all files of a `model.safetensors.index.json`.
 *
 * @throws Error that names the file that is missing, damaged or no safetensors file.
 */
export async function readStateDict(
  path: string,
): Promise<{ readonly stateDict: StateDict; readonly files: readonly WeightsFile[] }> {
  const shards: [string, string[] | null][] = path.endsWith('.index.json')
    ? [...(await readShardIndex(path))].map(([file, names]) => [join(dirname(path), file), names])
    : [[path, null]];
  const entries: [string, StateDictEntry][] = [];
  const files: WeightsFile[] = [];
  for (const [shard, names] of shards) {
    entries.push(...(await readOne(shard, names)));
    files.push({ path: shard, sha256: await sha256Of(shard) });
  }
  return { stateDict: Object.fromEntries(entries), files };
}
