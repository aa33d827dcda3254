import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { bestOf, type Checkpoint, checkpointStore } from '@bag-of-tricks/durable-files';
import { checkpointPrefix, checkpointsIn, hasCheckpoint, namesIn } from '../files.ts';
import { rate } from './state.ts';

/** The checkpoints of a run; `warn` is told what of tidying up failed, and which of them may be the best and cannot be read. */
export const storeOf = (runFolder: string, warn?: (message: string) => void) =>
  checkpointStore(checkpointsIn(runFolder), { prefix: checkpointPrefix, rate, warn });

const digits = (n: number, width: number) => String(n).padStart(width, '0');

/** The name of a checkpoint; sorted by name they are in order of saving. */
export const checkpointName = (epoch: number, step: number) =>
  `${checkpointPrefix}${digits(epoch, 4)}-step-${digits(step, 8)}`;

/** The epoch that the next step after a checkpoint belongs to, by its name. */
export const epochIn = (name: string): number =>
  Number(name.slice(checkpointPrefix.length).split('-')[0]);

/** A checkpoint of a run, by the two parts of its path; `name` may be `last` or `best`. */
export interface Place {
  readonly runFolder: string;
  readonly name: string;
}

/** Takes a path apart: a run folder, where `name` is then `which`, or something in its `checkpoints`; null for any other path. */
export function placeOf(path: string, which: 'last' | 'best'): Place | null {
  if (existsSync(checkpointsIn(path))) return { runFolder: path, name: which };
  const folder = dirname(resolve(path));
  if (checkpointsIn(dirname(folder)) !== folder) return null;
  return { runFolder: dirname(folder), name: basename(resolve(path)) };
}

/**
 * The name of the folder that `last` or `best` stands for among a run's checkpoints, or `name` itself; undefined where there is none.
 *
 * @throws Error when one that may be the best cannot be read.
 */
export function resolveName(
  { name }: Pick<Place, 'name'>,
  checkpoints: readonly Checkpoint[],
): string | undefined {
  if (name === 'last') return checkpoints.at(-1)?.name;
  if (name !== 'best') return name;
  const unread = checkpoints.find((one) => one.unread)?.unread;
  if (unread) throw unread;
  return bestOf(checkpoints)[0]?.name;
}

const someRuns = 3;

/** Where a folder holds runs instead of being one: which ones, in words; else null. */
export function describeRunsIn(folder: string): string | null {
  const runs = namesIn(folder).filter((name) => hasCheckpoint(join(folder, name)));
  if (runs.length === 0) return null;
  const newest = runs.sort().slice(-someRuns).reverse();
  const more = runs.length > someRuns ? ` and ${runs.length - someRuns} more` : '';
  return `a folder with the runs ${newest.join(', ')}${more}. Give one of them, such as ${join(folder, newest[0]!)}`;
}
