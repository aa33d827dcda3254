import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileWhole } from '@bag-of-tricks/durable-files';
import type { Provenance } from '@bag-of-tricks/pretrained';
import type { Backend } from '../backend.ts';

/** What a figure of this run depends on besides its configuration. */
export interface Environment {
  readonly trainer: string;
  readonly node: string;
  readonly tensorflow: string;
  readonly devices: readonly string[];
  /** What matrix ops were seen to compute in, and whether this device has instructions for it. */
  readonly precision: Readonly<Record<string, unknown>>;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly commit: string | null;
  readonly command: string;
  readonly started: string;
  /** The weights that the run started from. */
  readonly pretrained?: Provenance;
}

const cli = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** The commit of the git checkout that the command runs in, or null outside of one. */
function gitCommit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

/** A command line without the folders of Node and of the program, which is what was typed. */
export function typedCommand([, program = '', ...args]: readonly string[]): string {
  const isOurs = existsSync(program) && realpathSync(program) === cli;
  return [isOurs ? 'bag-of-tricks' : basename(program), ...args].join(' ');
}

/** Describes this machine, this command and what tricks note of them, for `env.json`. */
export function describeEnvironment(
  backend: Backend,
  notes: readonly { readonly environment: object }[],
  now: Date,
): Environment {
  const manifest = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  return {
    trainer: manifest.version,
    node: process.version,
    tensorflow: backend.version,
    devices: backend.devices,
    precision: { dtype: 'float32', native: 'fast' },
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    commit: gitCommit(),
    command: typedCommand(process.argv),
    started: now.toISOString(),
    ...Object.assign({}, ...notes.map(({ environment }) => environment)),
  };
}

/** Writes `env.json`; those of earlier attempts stay beside it as `env-1.json`, `env-2.json`, in their order. */
export async function writeEnvironment(runFolder: string, environment: Environment): Promise<void> {
  const newest = join(runFolder, 'env.json');
  let n = 1;
  while (existsSync(join(runFolder, `env-${n}.json`))) n++;
  if (existsSync(newest)) renameSync(newest, join(runFolder, `env-${n}.json`));
  await writeFileWhole(newest, `${JSON.stringify(environment, null, 2)}\n`);
}
