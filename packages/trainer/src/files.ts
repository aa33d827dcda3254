import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY } from '@bag-of-tricks/durable-files';

/** Delete the checkpoint folders that no link names, and what a killed process left half-written. */
export async function pruneUnlinked(folder: string, links: readonly string[]): Promise<void> {
  const kept = await Promise.all(
    links.map((link) => readlink(join(folder, link)).catch(() => null)),
  );
  for (const entry of await readdir(folder)) {
    const stale =
      (entry.startsWith('epoch-') && !kept.includes(entry)) || entry.startsWith(TEMPORARY);
    if (stale) await rm(join(folder, entry), { recursive: true, force: true });
  }
}

/** A file's content, with an error that says whose part it is when it cannot be read. */
export async function readPart(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new Error(
      `checkpoint ${folder}: expected a readable file ${name}, got ${(cause as NodeJS.ErrnoException).code ?? cause}. Give a run folder or a checkpoint folder that 'bag-of-tricks train' wrote`,
      { cause },
    );
  }
}
