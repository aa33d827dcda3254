import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Checkpoint, isUnread } from '@bag-of-tricks/durable-files';
import { saveError } from '../errors.ts';
import { checkpointsIn, command } from '../files.ts';
import { rowFiles } from '../log/row-logs.ts';
import { type OpenedCheckpoint, openFolder } from './open.ts';
import {
  checkpointName,
  describeRunsIn,
  epochIn,
  type Place,
  placeOf,
  resolveName,
  storeOf,
} from './places.ts';
import type { Position } from './position.ts';
import type { ReadConfig } from './state.ts';

/**
 * Where a run is that is to go on, by its folder or one of its checkpoints.
 *
 * @throws Error when there is none.
 */
export async function findRun(path: string): Promise<Place> {
  const place = placeOf(path, 'last');
  const folder = place?.runFolder ?? path;
  if (existsSync(join(folder, 'step.json'))) {
    throw new Error(
      `resume ${path}: expected a run, got a step that diverged. ${command} replay ${folder} takes it again; its run is ${dirname(resolve(folder))}`,
    );
  }
  if (place && (await storeOf(place.runFolder).list()).length > 0) return place;
  if (place?.name === 'last') {
    throw new Error(
      `resume ${path}: expected a run with a checkpoint, this one ended before its first: nothing that was trained is in it. Begin anew with ${command} train --config ${join(place.runFolder, 'args.yaml')}`,
    );
  }
  const runs = describeRunsIn(path);
  throw new Error(
    `resume ${path}: expected a run folder with a checkpoint in it, or one of its checkpoints, ${runs ? `got ${runs}` : 'found none. Check the path'}`,
  );
}

/**
 * Opens the checkpoint that a run goes on from: the one that is named or, where the run is, the newest that can be used. Says what that
 * means for later ones.
 *
 * @throws Error when the one that is named, or every one, is damaged, it is that of the newest; or when one cannot be read and so may be
 * whole.
 */
export async function openToResume<Config>(
  place: Place,
  readConfig: ReadConfig<Config>,
  say: (line: string) => void,
): Promise<OpenedCheckpoint<Config>> {
  const checkpoints = await storeOf(place.runFolder).list();
  const names = checkpoints.map(({ name }) => name);
  const named = place.name === 'last' ? undefined : resolveName(place, checkpoints);
  const candidates = named === undefined ? names.toReversed() : [named];
  const errors: Error[] = [];
  for (const candidate of candidates) {
    try {
      if (!names.includes(candidate))
        throw new Error(
          `resume ${candidate}: expected a checkpoint of ${place.runFolder}, which has ${names.join(', ')}. Give one of these`,
        );
      const folder = join(checkpointsIn(place.runFolder), candidate);
      const opened = await openFolder(folder, readConfig);
      for (const { message } of errors) say(`Warning: ${message}`);
      const count = names.indexOf(candidate) + 1;
      if (count < names.length) {
        say(
          `Warning: the run goes on from ${candidate}. Dropped: ${names.slice(count).join(', ')}, and the rows of later steps in ${rowFiles.join(', ')}`,
        );
      }
      const { best } = opened.state;
      const mayBeBest = ({ name, score, unread }: Checkpoint) =>
        unread || (score === best?.top1 && epochIn(name) === best.epoch + 1);
      if (best && !checkpoints.slice(0, count).some(mayBeBest)) {
        say(
          `Warning: the checkpoint of the best evaluation so far (${best.top1.toFixed(2)} %, epoch ${best.epoch}) is gone`,
        );
      }
      return opened;
    } catch (error) {
      // It may be whole, and going on from an older one would delete it: that is not ours to decide.
      if (isUnread(error)) throw unread(error as Error, candidate, { place, candidates });
      errors.push(error as Error);
    }
  }
  throw errors[0]!;
}

/** The error of a checkpoint that cannot be read, with the older one that may be named instead. */
function unread(
  cause: Error,
  candidate: string,
  { place, candidates }: { readonly place: Place; readonly candidates: readonly string[] },
): Error {
  const older = candidates[candidates.indexOf(candidate) + 1];
  if (older === undefined) return cause;
  const path = join(checkpointsIn(place.runFolder), older);
  return new Error(`${cause.message}, or give it up and go on with --resume ${path}`, { cause });
}

/** Where a run stood when the checkpoint was saved. */
export function positionOf({ state }: OpenedCheckpoint): Position {
  const { epoch, stepInEpoch, totals, best, weights } = state;
  return { epoch, stepInEpoch, totals, best, weights };
}

/** Which checkpoints stay, and who is told when others could not be deleted. */
export interface KeepOptions {
  /** How many of the best checkpoints stay. */
  readonly keepBest: number;
  /** How many steps have been taken, where they are counted otherwise from now on; the checkpoint is named by it. Default: as it is named. */
  readonly step?: number | undefined;
  /** Is told what of tidying up failed; once for each run. Default: nobody. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Makes the checkpoint the last one of its run, before the first step.
 *
 * @throws SaveError when later ones cannot be deleted.
 */
export async function goBackTo(
  { runFolder }: Place,
  { folder, state }: OpenedCheckpoint,
  { keepBest, step, warn }: KeepOptions,
): Promise<void> {
  const store = storeOf(runFolder, warn);
  const name = basename(folder);
  const as = step === undefined ? name : checkpointName(state.epoch, step);
  await store.goBackTo(name, { as }).catch((cause) => {
    throw saveError(checkpointsIn(runFolder), 'a folder to delete later checkpoints in', cause);
  });
  await store.mend(keepBest);
}
