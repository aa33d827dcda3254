import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How a user without a global installation calls the command. */
export const command = 'npx @bag-of-tricks/trainer';

/** The folder of checkpoints in a run folder. */
export const checkpointsIn = (runFolder: string) => join(runFolder, 'checkpoints');

/** The logs of a run folder that grow by rows, which a resumed run cuts back to where its checkpoint stood. */
export const rowFiles = ['summary.csv', 'metrics.jsonl', 'bad-images.jsonl'] as const;

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
