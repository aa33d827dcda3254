import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { bestOf, checkpointStore } from '@bag-of-tricks/durable-files';
import { checkpointsIn } from '../files.ts';
import { scoreOf } from './state.ts';

/** The checkpoints of a run. */
export const storeOf = (runFolder: string) =>
  checkpointStore(checkpointsIn(runFolder), {
    prefix: 'epoch-',
    scoreOf: (folder) => readFile(join(folder, 'state.json'), 'utf8').then(scoreOf, () => null),
  });

const digits = (n: number, width: number) => String(n).padStart(width, '0');

/** The name of a checkpoint; sorted by name they are in order of saving. */
export const checkpointName = (epoch: number, step: number) =>
  `epoch-${digits(epoch, 4)}-step-${digits(step, 8)}`;

/** A checkpoint of a run, by the two parts of its path; `name` may be `last` or `best`. */
export interface Place {
  readonly runFolder: string;
  readonly name: string;
}

/** Takes a path apart: a run folder, where `name` is then `which`, or something in its `checkpoints`; null for any other path. */
export function placeOf(path: string, which: 'last' | 'best'): Place | null {
  if (existsSync(checkpointsIn(path))) return { runFolder: path, name: which };
  const folder = dirname(resolve(path));
  if (basename(folder) !== 'checkpoints') return null;
  return { runFolder: dirname(folder), name: basename(resolve(path)) };
}

/** The name of the folder that `last` or `best` stands for, or `name` itself; undefined where a run has none. */
export async function resolveName({ runFolder, name }: Place): Promise<string | undefined> {
  const checkpoints = await storeOf(runFolder).list();
  if (name === 'last') return checkpoints.at(-1)?.name;
  if (name === 'best') return bestOf(checkpoints)[0]?.name;
  return name;
}
