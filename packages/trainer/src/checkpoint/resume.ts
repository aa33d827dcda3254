import { basename, join } from 'node:path';
import type { KnownTricks } from '../config/schema.ts';
import { rowFiles } from '../files.ts';
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
  { runFolder, name }: Place,
  known: KnownTricks,
  say: (line: string) => void,
): Promise<OpenedCheckpoint> {
  const checkpoints = await storeOf(runFolder).list();
  const named = name === 'last' ? undefined : await resolveName({ runFolder, name });
  const candidates = named ? [named] : checkpoints.map((one) => one.name).reverse();
  const errors: Error[] = [];
  for (const candidate of candidates) {
    try {
      const opened = await openFolder(join(checkpointsIn(runFolder), candidate), known);
      for (const { message } of errors) say(`Warning: ${message}`);
      const later = checkpoints.filter((one) => one.name > candidate).map((one) => one.name);
      if (later.length > 0) {
        say(
          `Warning: the run goes on from ${candidate}. Dropped: ${later.join(', ')}, and the rows of later steps in ${rowFiles.join(', ')}`,
        );
      }
      const { best } = opened.state;
      const isThere = checkpoints.some((one) => one.score === best?.top1 && one.name <= candidate);
      if (best && !isThere) {
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

/** Makes the checkpoint the last one of its run, before the first step. */
export async function goBackTo(
  { runFolder }: Place,
  { folder, state }: OpenedCheckpoint,
): Promise<void> {
  const store = storeOf(runFolder);
  await store.goBackTo(basename(folder));
  await store.mend(state.config.checkpointHist);
}
