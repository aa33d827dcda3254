import { freeBytes } from '@bag-of-tricks/durable-files';
import { checkpointsIn, SaveError, storeOf } from '@bag-of-tricks/run-folder';
import * as tf from '@tensorflow/tfjs-core';
import { stateVariables } from '../checkpoint/restore.ts';
import type { Run } from './open-run.ts';

/** Headers of the files, names of classes, settings, and the rounding to whole blocks. */
const besides = 2 ** 16;

/** A run holds the last checkpoint and the one before while it writes the next; the best ones may be others. */
const held = 3;

/** What tensors take in a file: four bytes a number. */
const bytesOf = (tensors: tf.NamedTensorMap) =>
  Object.values(tensors).reduce((sum, { size }) => sum + 4 * size, 0);

/** The bytes that a checkpoint of a run will take: every set of weights, the optimiser's state and that of the tricks. */
function checkpointBytes(run: Run): number {
  const { network, optimizer, tricks } = run;
  const sets = 1 + tricks.filter(({ weights }) => weights).length;
  const weights = bytesOf(network.parameters) + bytesOf(network.buffers);
  const slots = tf.tidy(() => bytesOf(optimizer.getState()));
  return sets * weights + slots + bytesOf(stateVariables(run)) + besides;
}

/** What a run may keep beside its last and best ones: of several processes the newest at an epoch's border. */
export const bordersKept = ({ config, processes }: Pick<Run, 'config' | 'processes'>): number =>
  processes.size > 1 && config.checkpointInterval !== null ? 1 : 0;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** How many checkpoints a whole run saves. */
function savesOf({ config, stepsPerEpoch }: Run): number {
  const { epochs, checkpointInterval: interval } = config;
  return epochs + (interval === null ? 0 : Math.floor((epochs * stepsPerEpoch) / interval));
}

/**
 * Looks before the first step whether there is room for what the run will save, so that it does not end later.
 *
 * @throws SaveError when those do not fit that it holds at once; the best ones, where they are others, are only warned of.
 */
export async function checkRoom(
  run: Run,
  runFolder: string,
  warn: (message: string) => void,
): Promise<void> {
  const folder = checkpointsIn(runFolder);
  const [bytes, free] = [checkpointBytes(run), await freeBytes(folder)];
  const saved = (await storeOf(runFolder).list()).length;
  const more = (count: number) => Math.max(1, Math.min(count, savesOf(run)) - saved);
  const room = (count: number) =>
    `${folder}: expected room for ${more(count)} more checkpoint${more(count) > 1 ? 's' : ''} of ${megabytes(bytes)} each at once, got ${megabytes(free)} free`;
  if (free < more(held) * bytes)
    throw new SaveError(`${room(held)}. Make room, or give another --output`);
  const most = held + run.config.checkpointHist + bordersKept(run);
  if (free < more(most) * bytes)
    warn(
      `Warning: ${room(most)}. Make room while the run goes on, or keep fewer by --checkpoint-hist`,
    );
}
