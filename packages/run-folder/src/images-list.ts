import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '@bag-of-tricks/durable-files';

/** The list of the files that a run is trained on, in its folder. */
const listIn = (runFolder: string) => join(runFolder, 'images.tsv.gz');

/** The list that the folder keeps, or null. */
export const readImagesList = (runFolder: string): Uint8Array | null =>
  existsSync(listIn(runFolder)) ? readFileSync(listIn(runFolder)) : null;

/** Keeps a list beside the checkpoints, where another one is not. */
export async function keepImagesList(runFolder: string, list: Uint8Array | null): Promise<void> {
  const before = readImagesList(runFolder);
  if (list === null || (before && Buffer.compare(before, list) === 0)) return;
  await writeFileWhole(listIn(runFolder), list);
}
