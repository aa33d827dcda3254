import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type DataFingerprint,
  type Dataset,
  dataChanges,
  fingerprintOf,
} from '@bag-of-tricks/image-data';
import { command, readImagesList } from '@bag-of-tricks/run-folder';
import type { OpenedCheckpoint } from '../checkpoint/load.ts';
import type { TrainConfig } from '../config/schema.ts';

interface SameDataOptions {
  readonly checkpoint: OpenedCheckpoint | null;
  readonly stepsPerEpoch: number;
  /** Go on with changed images. */
  readonly accept: boolean;
  readonly warn: (message: string) => void;
}

/**
 * The fingerprint of a run's images, compared with its checkpoint's.
 *
 * @throws Error that says what differs, unless changes are accepted.
 */
export async function requireSameData(
  dataset: Dataset,
  { checkpoint, stepsPerEpoch, accept, warn }: SameDataOptions,
): Promise<DataFingerprint | null> {
  const found = await fingerprintOf(dataset, stepsPerEpoch);
  const before = checkpoint?.state.data;
  if (!found || !before) return found;
  const oldList = readImagesList(dirname(dirname(checkpoint.folder)));
  const { classNames } = dataset;
  const changes = dataChanges(before, found, { oldList, classNames });
  if (changes === null) return found;
  const differing = `${dataset.name}: expected the images that ${checkpoint.folder} was trained on, got changed ones: ${changes}`;
  const meaning = `the rest of the epoch shows other images than it would have, an epoch stays ${stepsPerEpoch} steps, and accuracies compare only where the evaluation images are the same`;
  if (!accept) {
    throw new Error(
      `${differing}. Put them back; or go on with what is there now by --accept-changed-data: ${meaning}`,
    );
  }
  warn(`Warning: ${differing}. Going on with them: ${meaning}`);
  return found;
}

/** Images that were moved since are asked for; a pattern of shards is not a path. */
export function checkImagesThere({ dataDir }: TrainConfig, runFolder: string): void {
  if (dataDir === null || /[*?[{]/.test(dataDir) || existsSync(dataDir)) return;
  throw new Error(
    `resume ${runFolder}: expected the images of the run at ${dataDir}, found nothing. If they were moved, say where they are: ${command} train --resume ${runFolder} --data-dir <folder>`,
  );
}

type Sight = Pick<Dataset, 'imageShape' | 'classNames'>;

/** The kind of images, for errors. */
export const describe = ({ imageShape, classNames }: Sight) =>
  `${classNames.length} classes of ${imageShape.join('x')} images`;

/** Whether two networks are for images of one shape and for the same classes in the same order. */
export function seesTheSame(a: Sight, b: Sight): boolean {
  return describe(a) === describe(b) && a.classNames.join('\n') === b.classNames.join('\n');
}

/** A run goes on only with the images that it began with. */
export function checkDataset({ folder, state }: OpenedCheckpoint, dataset: Dataset): void {
  if (seesTheSame(state, dataset)) return;
  const sameCount = state.classNames.length === dataset.classNames.length;
  throw new Error(
    `${dataset.name}: expected the ${describe(state)} that ${folder} was trained on, ` +
      `got ${describe(dataset)}${sameCount ? ', of other names or in another order' : ''}. Put the images back, or start a new run`,
  );
}
