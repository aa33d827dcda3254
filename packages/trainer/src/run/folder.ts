import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatConfig, pluginFlags } from '../config/load.ts';
import type { TrainConfig } from '../config/schema.ts';

function timestamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** Makes a folder and those above it, step by step: `recursive` never ends where a parent refuses with ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another run made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Where a run folder is made, and what its head line says. */
interface FolderOptions {
  readonly imageSize: number;
  readonly now: Date;
  readonly pluginModules?: readonly string[];
}

/**
 * Create the folder of a new run, `<output>/<experiment>` or `<output>/<date>-<time>-<model>-<image size>`, with `args.yaml` in it.
 *
 * @throws Error when the experiment's folder exists, for a run is never overwritten, or when it cannot be made.
 */
export function createRunFolder(
  config: TrainConfig,
  { imageSize, now, pluginModules = [] }: FolderOptions,
): string {
  const model = config.model.replace(/[^\w.-]+/g, '-');
  const name = config.experiment ?? `${timestamp(now)}-${model}-${imageSize}`;
  let folder = join(config.output, name);
  if (config.experiment && existsSync(folder)) {
    throw new Error(
      `run folder ${folder}: expected a new folder, it exists. Give another --experiment, or go on with --resume ${folder}`,
    );
  }
  for (let n = 2; existsSync(folder); n++) folder = join(config.output, `${name}-${n}`);
  try {
    makeFolder(join(folder, 'checkpoints'));
  } catch (cause) {
    throw new Error(
      `output ${config.output}: expected a folder that run folders can be made in, got ${(cause as NodeJS.ErrnoException).code} for ${folder}. Give another --output`,
      { cause },
    );
  }
  const file = join(folder, 'args.yaml');
  const header = `# bag-of-tricks train --config ${file}${pluginFlags(pluginModules)}\n`;
  writeFileSync(file, header + formatConfig(config));
  return folder;
}
