import { join } from 'node:path';
import { describeSpace, type Files, syncRows } from '@bag-of-tricks/durable-files';
import { saveError } from '../errors.ts';
import { checkpointsIn } from '../files.ts';
import { rowFiles } from '../log/row-logs.ts';
import { checkpointName, storeOf } from './places.ts';
import type { KeepOptions } from './resume.ts';
import type { CheckpointState } from './state.ts';

/** What goes beside the tensors of a checkpoint. */
export interface SaveCheckpointOptions extends KeepOptions {
  readonly state: Omit<CheckpointState, 'formatVersion'>;
  /** Steps taken since the beginning of the run. */
  readonly step: number;
}

/**
 * Writes `epoch-<e>-step-<n>/{<files>, state.json, SHA256SUMS}` below the run's `checkpoints`, after the rows of the steps before it,
 * then deletes what does not stay. A kill at any moment leaves the last and the best checkpoint whole.
 *
 * @throws SaveError when it cannot be written; what was saved before stays.
 */
export async function saveCheckpoint(
  runFolder: string,
  tensors: Files,
  { state, step, keepBest, warn }: SaveCheckpointOptions,
): Promise<void> {
  const text = `${JSON.stringify({ formatVersion: 3, ...state }, null, 2)}\n`;
  const files = { ...tensors, 'state.json': text };
  const name = checkpointName(state.epoch, step);
  try {
    for (const file of rowFiles) await syncRows(join(runFolder, file));
    await storeOf(runFolder, warn).save(name, files, { keepBest });
  } catch (cause) {
    const folder = checkpointsIn(runFolder);
    const space = await describeSpace(folder, files);
    throw saveError(join(folder, name), `a folder that takes it (${space})`, cause);
  }
}
