import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileWhole } from '@bag-of-tricks/durable-files';
import type { Dataset } from '@bag-of-tricks/image-data';
import type { OpenedCheckpoint } from '../checkpoint/load.ts';
import { dataChanges } from '../data/data-changes.ts';
import { type DataFingerprint, fingerprintOf } from '../data/fingerprint.ts';

/** The list of the files that a run is trained on, in its folder. */
const listFile = 'images.tsv.gz';

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
  const list = join(dirname(dirname(checkpoint.folder)), listFile);
  const oldList = existsSync(list) ? readFileSync(list) : null;
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

/** Keeps the list beside the checkpoints, where another one is not. */
export async function keepList(runFolder: string, found: DataFingerprint | null): Promise<void> {
  if (!found?.list) return;
  const path = join(runFolder, listFile);
  if (existsSync(path) && Buffer.compare(readFileSync(path), found.list) === 0) return;
  await writeFileWhole(path, found.list);
}
