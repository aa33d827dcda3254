import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  explainCode,
  FolderLockedError,
  isLeftover,
  LOCK,
  lockFolder,
  probeFolder,
  removeLeftovers,
  writeFileWhole,
} from '@bag-of-tricks/durable-files';
import { RunLockedError, saveError } from './errors.ts';
import { checkpointsIn, command, hasCheckpoint, namesIn } from './files.ts';

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

/** Whether a name is of what a run makes before its `args.yaml`. */
const isBeforeArgs = (name: string) =>
  name === checkpointsIn('') || name.startsWith(LOCK) || isLeftover(name);

/** Whether a folder has the settings of a run of ours: then whatever else is in it belongs to that run, or to its hooks. */
function isOurs(folder: string): boolean {
  const file = join(folder, 'args.yaml');
  return existsSync(file) && readFileSync(file, 'utf8').startsWith(`# ${command} train`);
}

/**
 * A run may begin in a folder that is not there yet, or that holds nothing that was trained, and nothing of others.
 *
 * @throws Error that says what to do instead.
 */
export function requireNothingTrained(folder: string): void {
  if (hasCheckpoint(folder)) {
    throw new Error(
      `run folder ${folder}: expected a new folder, it exists, with checkpoints. Give another --experiment, or go on with --resume ${folder}`,
    );
  }
  const foreign = namesIn(folder).find((name) => !isBeforeArgs(name));
  if (foreign !== undefined && !isOurs(folder)) {
    throw new Error(
      `run folder ${folder}: expected a new folder, it exists, with ${foreign} in it and no args.yaml of a run. Give another --experiment`,
    );
  }
}

/** Where a run folder is made, and what is in it. */
export interface RunFolderOptions {
  /** The folder above it. */
  readonly output: string;
  /** Its name; null for one of date, time, model and image size. */
  readonly experiment: string | null;
  readonly model: string;
  readonly imageSize: number;
  readonly now: Date;
}

/**
 * Creates the folder of a new run, `<output>/<experiment>` or `<output>/<date>-<time>-<model>-<image size>`. That of an experiment may
 * be there, if no checkpoint is in it, and nothing but what a run of ours left.
 *
 * @throws Error when the experiment's folder holds anything else, for nothing is ever overwritten, or when it cannot be made.
 */
export function createRunFolder({
  output,
  experiment,
  model,
  imageSize,
  now,
}: RunFolderOptions): string {
  const standard = `${timestamp(now)}-${model.replace(/[^\w.-]+/g, '-')}-${imageSize}`;
  const name = experiment ?? standard;
  let folder = join(output, name);
  let isNew = false;
  try {
    makeFolder(output);
    isNew = makeNew(folder);
    for (let n = 2; !isNew && !experiment; n++) {
      folder = join(output, `${name}-${n}`);
      isNew = makeNew(folder);
    }
    if (!isNew) requireNothingTrained(folder);
    makeFolder(checkpointsIn(folder));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw new Error(
      `output ${output}: expected a folder that run folders can be made in, got ${explainCode(cause)} for ${folder}. Give another --output`,
      { cause },
    );
  }
  return folder;
}

/**
 * Writes `args.yaml`, with which a run begins in a folder that this process has; `args` is its content, by its path.
 *
 * @throws Error when another process has meanwhile trained there, SaveError when it cannot be written.
 */
export async function beginIn(
  folder: string,
  args: (path: string) => string,
  say: (line: string) => void,
): Promise<void> {
  requireNothingTrained(folder);
  const file = join(folder, 'args.yaml');
  if (existsSync(file))
    say(
      `${folder}: a run ended here before its first checkpoint, nothing that was trained is in it. It begins anew`,
    );
  await writeFileWhole(file, args(file)).catch((cause) => {
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
