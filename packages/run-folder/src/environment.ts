import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync, renameSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { writeFileWhole } from '@bag-of-tricks/durable-files';
import type { CheckpointState } from './checkpoint/state.ts';

/** What a figure of this run depends on besides its configuration. */
export interface Environment {
  readonly trainer: string;
  readonly node: string;
  /** The version of TensorFlow's library, or of TensorFlow.js on another backend. */
  readonly tensorflow: string;
  /** What computes, as TensorFlow.js names it. */
  readonly backend: string;
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
  readonly pretrained?: CheckpointState['pretrained'];
}

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

/** Such as `v26.3.0`, and in Bun or Deno which one it is that has Node's functions. */
export function nodeVersion({ node, bun, deno } = process.versions): string {
  const other = bun ? ` (Bun ${bun})` : deno ? ` (Deno ${deno})` : '';
  return `v${node}${other}`;
}

/** A command line without the folders of Node and of the program, which is what was typed; `cli` is the file of the command. */
export function typedCommand([, program = '', ...args]: readonly string[], cli = ''): string {
  const isOurs = existsSync(program) && realpathSync(program) === cli;
  return [isOurs ? 'bag-of-tricks' : basename(program), ...args].join(' ');
}

/** What a program says of itself. */
export interface Program
  extends Pick<Environment, 'trainer' | 'tensorflow' | 'backend' | 'devices'> {
  /** The file of its command. */
  readonly cli: string;
}

/** Describes this machine, this command and what tricks note of them, for `env.json`. */
export function describeEnvironment(
  { cli, trainer, tensorflow, backend, devices }: Program,
  notes: readonly { readonly environment: object }[],
  now: Date,
): Environment {
  return {
    trainer,
    node: nodeVersion(),
    tensorflow,
    backend,
    devices,
    precision: { dtype: 'float32', native: 'fast' },
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    commit: gitCommit(),
    command: typedCommand(process.argv, cli),
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
