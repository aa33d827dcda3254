import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PrecisionProbe } from '@bag-of-tricks/amp';
import type { Backend } from '../backend.ts';
import type { Precision } from '../step/precision.ts';

/** What a figure of this run depends on besides its configuration. */
export interface Environment {
  readonly trainer: string;
  readonly node: string;
  readonly tensorflow: string;
  readonly devices: readonly string[];
  /** What matrix ops compute in and, for a low precision, what a probe saw of this device. */
  readonly precision: { readonly dtype: 'float32'; readonly native: 'fast' } | PrecisionProbe;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly commit: string | null;
  readonly command: string;
  readonly started: string;
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

/** Describe this machine and this command, for `env.json`. */
export function describeEnvironment(
  backend: Backend,
  precision: Precision | null,
  now: Date,
): Environment {
  const { lossScale: _, ...seen } = precision ?? {
    ...({ dtype: 'float32', native: 'fast' } as const),
    lossScale: null,
  };
  const manifest = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  return {
    trainer: manifest.version,
    node: process.version,
    tensorflow: backend.version,
    devices: backend.devices,
    precision: seen,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    commit: gitCommit(),
    command: typedCommand(process.argv),
    started: now.toISOString(),
  };
}
