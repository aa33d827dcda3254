import { basename, join } from 'node:path';
import { command } from '../config/load.ts';
import type { KnownTricks } from '../config/schema.ts';
import { saveError } from '../errors.ts';
import { rowFiles } from '../files.ts';
import type { Position } from '../run/position.ts';
import { type OpenedCheckpoint, openFolder } from './load.ts';
import { checkpointsIn, type Place, placeOf, resolveName, storeOf } from './store.ts';

/**
 * Where a run is that is to go on, by its folder or one of its checkpoints.
 *
 * @throws Error when there is none.
 */
export async function findRun(path: string): Promise<Place> {
  const place = placeOf(path, 'last');
  if (place && (await storeOf(place.runFolder).list()).length > 0) return place;
  if (place?.name === 'last') {
    throw new Error(
      `resume ${path}: expected a run with a checkpoint, this one ended before its first: nothing that was trained is in it. Begin anew with ${command} train --config ${join(place.runFolder, 'args.yaml')}`,
    );
  }
  throw new Error(
    `resume ${path}: expected a run folder with a checkpoint in it, or one of its checkpoints, found none. Check the path`,
  );
}

/**
 * Opens the checkpoint that a run goes on from: the one that is named or, where the run is, the newest that can be used. Says what that
 * means for later ones.
 *
 * @throws Error when the one that is named, or every one, is damaged; it is that of the newest.
 */
export async function openToResume(
  place: Place,
  known: KnownTricks,
  say: (line: string) => void,
): Promise<OpenedCheckpoint> {
  const checkpoints = await storeOf(place.runFolder).list();
  const names = checkpoints.map(({ name }) => name);
  const named = place.name === 'last' ? undefined : await resolveName(place);
  const candidates = named === undefined ? names.toReversed() : [named];
  const errors: Error[] = [];
  for (const candidate of candidates) {
    try {
      if (!names.includes(candidate))
        throw new Error(
          `resume ${candidate}: expected a checkpoint of ${place.runFolder}, which has ${names.join(', ')}. Give one of these`,
        );
      const folder = join(checkpointsIn(place.runFolder), candidate);
      const opened = await openFolder(folder, known);
      for (const { message } of errors) say(`Warning: ${message}`);
      const count = names.indexOf(candidate) + 1;
      if (count < names.length) {
        say(
          `Warning: the run goes on from ${candidate}. Dropped: ${names.slice(count).join(', ')}, and the rows of later steps in ${rowFiles.join(', ')}`,
        );
      }
      const { best } = opened.state;
      if (best && !checkpoints.slice(0, count).some(({ score }) => score === best.top1)) {
        say(
          `Warning: the checkpoint of the best evaluation so far (${best.top1.toFixed(2)} %, epoch ${best.epoch}) is gone`,
        );
      }
      return opened;
    } catch (error) {
      errors.push(error as Error);
    }
  }
  throw errors[0]!;
}

/** Where a run stood when the checkpoint was saved. */
export function positionOf({ state }: OpenedCheckpoint): Position {
  const { epoch, stepInEpoch, totals, best, weights } = state;
  return { epoch, stepInEpoch, totals, best, weights };
}

/**
 * Makes the checkpoint the last one of its run, before the first step.
 *
 * @throws SaveError when later ones cannot be deleted.
 */
export async function goBackTo(
  { runFolder }: Place,
  { folder, state }: OpenedCheckpoint,
): Promise<void> {
  const store = storeOf(runFolder);
  await store.goBackTo(basename(folder)).catch((cause) => {
    throw saveError(checkpointsIn(runFolder), 'a folder to delete later checkpoints in', cause);
  });
  await store.mend(state.config.checkpointHist);
}
