import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { listNames } from '../display-name.ts';
import { SPLIT_FOLDERS } from '../split-folder.ts';
import { escapePattern, expandBraces, patternOf } from './glob.ts';

/** Which files `findShards` looks for. */
export interface FindShardsOptions {
  /** The function on whose behalf it looks, for messages. */
  readonly caller: string;
  /** What such a file is called, for messages, such as `*.tar`. */
  readonly kind: string;
  readonly accepts: (fileName: string) => boolean;
  readonly split: string | undefined;
  readonly warn: (message: string) => void;
}

/**
 * The shards that a path names, sorted: one file; a folder that holds them, or a folder `data` in it; names with
 * `{000..146}`, `{a,b}`, `*` or `?` in their last part; or a list of such. A split selects the subfolder of its name,
 * else the files with that word in their names.
 *
 * @throws Error when there are none or one that was named is missing.
 */
export async function findShards(
  path: string | readonly string[],
  options: FindShardsOptions,
): Promise<string[]> {
  const paths = typeof path === 'string' ? [path] : path;
  const found: string[] = [];
  for (const one of paths) found.push(...(await findOne(one, options)));
  const shards = [...new Set(found)];
  if (shards.length === 0) {
    throw new Error(
      `${options.caller}: expected at least one shard (${options.kind}), got an empty list.`,
    );
  }
  const missing = missingOf(shards);
  if (missing !== undefined) options.warn(`${dirname(shards[0]!)}: ${missing}`);
  return shards;
}

async function findOne(path: string, options: FindShardsOptions): Promise<string[]> {
  const kindOfPath = await stat(path).catch(() => undefined);
  if (kindOfPath?.isDirectory()) return findInFolder(path, options);
  if (kindOfPath !== undefined) return [path];
  const found: string[] = [];
  for (const name of expandBraces(basename(path))) {
    const pattern = patternOf(name);
    const inFolder = await readdir(dirname(path)).catch(() => []);
    const matching = inFolder.filter((file) => pattern.test(file)).sort(byBytes);
    if (matching.length === 0) {
      throw new Error(
        `${options.caller}: expected a file ${name} in ${dirname(path)}, found ${listNames(inFolder.sort(byBytes)) || 'nothing'}. Check the path; a folder, a file, or names with {000..146} or * will do.`,
      );
    }
    found.push(...matching.map((file) => join(dirname(path), file)));
  }
  return found;
}

async function findInFolder(folder: string, options: FindShardsOptions): Promise<string[]> {
  const { caller, kind, split } = options;
  const seen: string[] = [];
  for (const place of [folder, join(folder, 'data')]) {
    const names = await readdir(place).catch(() => [] as string[]);
    seen.push(...names);
    if (split !== undefined) {
      const subfolder = (SPLIT_FOLDERS[split] ?? [split]).find((name) => names.includes(name));
      const inside = subfolder === undefined ? [] : await shardsIn(join(place, subfolder), options);
      if (inside.length > 0) return inside;
    }
    const all = await shardsIn(place, options);
    const selected = split === undefined ? all : ofSplit(all, split);
    if (selected.length > 0) return selected;
  }
  const what = split === undefined ? `files ${kind}` : `files ${kind} of the split ${split}`;
  throw new Error(
    `${caller}: expected ${what} in ${folder}, found ${listNames(seen.sort(byBytes)) || 'nothing'}. ` +
      'Give the folder that holds them, and a split that their names have.',
  );
}

async function shardsIn(folder: string, { accepts }: FindShardsOptions): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names
    .filter((name) => !name.startsWith('.') && accepts(name))
    .sort(byBytes)
    .map((name) => join(folder, name));
}

/** Files with the split, or another name of it, as a word of their names: `train-0.tar`, `x-train.tar`, not `trainer.tar`. */
function ofSplit(shards: readonly string[], split: string): string[] {
  for (const name of SPLIT_FOLDERS[split] ?? [split]) {
    const word = new RegExp(`(^|[^a-z])${escapePattern(name)}([^a-z]|$)`, 'i');
    const matching = shards.filter((shard) => word.test(basename(shard)));
    if (matching.length > 0) return matching;
  }
  return [];
}

/** A message when names of the form `train-00003-of-00146` are fewer than they say. */
function missingOf(shards: readonly string[]): string | undefined {
  const totals = shards.map((shard) => /-of-(\d+)/.exec(basename(shard))?.[1]);
  const total = Number(totals[0]);
  if (totals.some((other) => other !== totals[0]) || !(total > shards.length)) return undefined;
  return `there are ${shards.length} shards of ${total}; the others are missing.`;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
