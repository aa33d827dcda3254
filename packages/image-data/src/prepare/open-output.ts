import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UNFINISHED } from '@bag-of-tricks/durable-files';
import { listNames } from '../sources/display-name.ts';
import {
  manifestOf,
  readManifest,
  type ShardManifest,
  type ShardSettings,
  writeManifest,
} from './manifest.ts';

/**
 * Makes the output folder ready: new, or as an earlier run with the same settings left it, without what that run had
 * not finished when it was killed. A manifest marks the folder as ours before anything else is written.
 *
 * @returns The manifest of the earlier run.
 * @throws Error when the folder holds something else: nothing of a user's is written over.
 */
export async function openOutput(
  output: string,
  settings: ShardSettings,
): Promise<ShardManifest | undefined> {
  await mkdir(output, { recursive: true });
  const before = await readManifest(output, settings);
  const others: string[] = [];
  for (const name of await readdir(output)) {
    if (name.endsWith(UNFINISHED)) await rm(join(output, name), { force: true });
    else others.push(name);
  }
  if (before === undefined && others.length > 0) {
    throw new Error(
      `prepareShards: expected ${output} to be empty or to hold shards that prepareShards made, found ${listNames(others)}. Choose another output folder.`,
    );
  }
  if (before === undefined) await writeManifest(output, manifestOf(settings, [], false));
  return before;
}
