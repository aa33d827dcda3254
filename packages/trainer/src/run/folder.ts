import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  FolderLockedError,
  lockFolder,
  probeFolder,
  removeLeftovers,
  writeFileWhole,
} from '@bag-of-tricks/durable-files';
import { command, formatConfig, pluginFlags } from '../config/load.ts';
import type { TrainConfig } from '../config/schema.ts';
import { RunLockedError, saveError } from '../errors.ts';
import { printable } from '../log/printable.ts';

function timestamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** Makes a folder, if it is not there: of two processes one is told that it did. */
function makeNew(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Makes a folder and those above it, step by step: `recursive` never ends where a parent refuses with ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  makeNew(folder);
}

/** What a run writes before its first checkpoint. */
const beforeCheckpoint =
  /^(args\.yaml|env(-\d+)?\.json|summary\.csv|metrics\.jsonl|bad-images\.jsonl|images\.tsv\.gz|train\.log|report\.html|checkpoints|\.lock.*|\.tmp-.*|.*\.unfinished)$/;

/** Whether a folder holds nothing but what a run leaves that was killed before its first checkpoint. */
function holdsNothingTrained(folder: string): boolean {
  const checkpoints = join(folder, 'checkpoints');
  const saved = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  return (
    readdirSync(folder).every((name) => beforeCheckpoint.test(name)) &&
    saved.every((name) => beforeCheckpoint.test(name))
  );
}

function refuse(folder: string): never {
  throw new Error(
    `run folder ${folder}: expected a new folder, it exists. Give another --experiment, or go on with --resume ${folder}`,
  );
}

/** Where a run folder is made. */
interface FolderOptions {
  readonly imageSize: number;
  readonly now: Date;
}

/**
 * Creates the folder of a new run, `<output>/<experiment>` or `<output>/<date>-<time>-<model>-<image size>`. That of an experiment may
 * be there, if it holds nothing that was trained.
 *
 * @throws Error when the experiment's folder holds anything else, for a run is never overwritten, or when it cannot be made.
 */
export function createRunFolder(config: TrainConfig, { imageSize, now }: FolderOptions): string {
  const model = config.model.replace(/[^\w.-]+/g, '-');
  const name = config.experiment ?? `${timestamp(now)}-${model}-${imageSize}`;
  let folder = join(config.output, name);
  let isNew = false;
  try {
    makeFolder(config.output);
    isNew = makeNew(folder);
    for (let n = 2; !isNew && !config.experiment; n++) {
      folder = join(config.output, `${name}-${n}`);
      isNew = makeNew(folder);
    }
    if (!isNew && !holdsNothingTrained(folder)) refuse(folder);
    makeFolder(join(folder, 'checkpoints'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw new Error(
      `output ${config.output}: expected a folder that run folders can be made in, got ${(cause as NodeJS.ErrnoException).code} for ${folder}. Give another --output`,
      { cause },
    );
  }
  return folder;
}

/** What a run is begun by. */
interface Beginning {
  readonly pluginModules: readonly string[];
  readonly say: (line: string) => void;
}

/**
 * Writes `args.yaml`, with which a run begins in a folder that this process has.
 *
 * @throws Error when another process has meanwhile trained there, SaveError when it cannot be written.
 */
export async function beginIn(
  folder: string,
  config: TrainConfig,
  { pluginModules, say }: Beginning,
): Promise<void> {
  if (!holdsNothingTrained(folder)) refuse(folder);
  const file = join(folder, 'args.yaml');
  if (existsSync(file))
    say(
      `${folder}: a run ended here before its first checkpoint, nothing that was trained is in it. It begins anew`,
    );
  const again = `${command} train --config ${file}${pluginFlags(pluginModules)}`;
  await writeFileWhole(file, `# ${printable(again)}\n${formatConfig(config)}`).catch((cause) => {
    throw saveError(file, 'a file that can be written', cause);
  });
}

/**
 * Does something to a run that no other process may do meanwhile, where everything that it writes can be written; what a killed
 * process left there is deleted before.
 *
 * @throws RunLockedError when another process has the folder, SaveError when it cannot be written, what `action` throws.
 */
export async function withRunFolder<T>(runFolder: string, action: () => Promise<T>): Promise<T> {
  const release = await claim(runFolder);
  try {
    return await action();
  } finally {
    await release();
  }
}

async function claim(runFolder: string): Promise<() => Promise<void>> {
  try {
    const release = await lockFolder(runFolder);
    try {
      await removeLeftovers(runFolder);
      await probeFolder(runFolder);
      return release;
    } catch (error) {
      await release().catch(() => {});
      throw error;
    }
  } catch (cause) {
    if (cause instanceof FolderLockedError) {
      throw new RunLockedError(
        `run folder ${runFolder}: expected a run that no other process works on, process ${cause.pid} on ${cause.host} does. Wait for it, or stop it`,
        { cause },
      );
    }
    throw saveError(runFolder, 'a run folder to write, sync and rename in', cause);
  }
}
