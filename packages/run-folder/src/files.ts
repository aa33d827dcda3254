import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainCode } from '@bag-of-tricks/durable-files';

/** How a user without a global installation calls the command. */
export const command = 'npx @bag-of-tricks/trainer';

/** The folder of checkpoints in a run folder. */
export const checkpointsIn = (runFolder: string) => join(runFolder, 'checkpoints');

/** Begins the names of checkpoints. */
export const checkpointPrefix = 'epoch-';

/** The names in a folder that begin so; none where there is no folder. */
export const namesIn = (folder: string, prefix = ''): string[] =>
  existsSync(folder) && statSync(folder).isDirectory()
    ? readdirSync(folder).filter((name) => name.startsWith(prefix))
    : [];

/** The newest checkpoint in a run folder; null where nothing that was trained is in it. */
export function newestCheckpoint(runFolder: string): string | null {
  const name = namesIn(checkpointsIn(runFolder), checkpointPrefix).sort().at(-1);
  return name === undefined ? null : join(checkpointsIn(runFolder), name);
}

/** Whether anything that was trained is in a run folder. */
export const hasCheckpoint = (runFolder: string): boolean => newestCheckpoint(runFolder) !== null;

/** Begins the names of the folders of steps that diverged. */
export const dumpPrefix = 'divergence-step-';

const checkpointPart = {
  kind: 'checkpoint',
  wanted: "Give a run folder or a checkpoint folder that 'bag-of-tricks train' wrote",
};

/** A file's content, with an error that says what kind of folder was expected, and which one to give, when it cannot be read. */
export async function readPart(
  folder: string,
  name: string,
  { kind, wanted } = checkpointPart,
): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new Error(
      `${kind} ${folder}: expected a readable file ${name}, got ${explainCode(cause)}. ${wanted}`,
      { cause },
    );
  }
}
