import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Row } from './rows.ts';
import { runName, runState, wantedEpochs } from './run-folders.ts';

export interface RunOptions {
  readonly dataDir: string;
  readonly runsFolder: string;
  readonly epochs: number;
  /** Flags for every run, for trying the whole path in a minute. */
  readonly extraFlags: readonly string[];
}

const trainer = createRequire(import.meta.url).resolve('@bag-of-tricks/trainer/package.json');
const cli = join(dirname(trainer), 'dist', 'cli', 'main.js');

/** The trainer's arguments that start, or go on with, a run; null when it is finished. */
export function trainArguments(row: Row, seed: number, options: RunOptions): string[] | null {
  const { dataDir, runsFolder, epochs, extraFlags } = options;
  const experiment = runName(row.name, seed);
  const folder = join(runsFolder, experiment);
  const state = runState(folder);
  if (state !== 'missing' && wantedEpochs(folder) !== epochs) {
    throw new Error(
      `trainArguments: expected ${folder} to be a run of ${epochs} epochs, got ${wantedEpochs(folder)}. Move it away or give --epochs ${wantedEpochs(folder)}.`,
    );
  }
  if (state === 'finished') return null;
  if (existsSync(join(folder, 'checkpoints', 'last'))) return ['train', '--resume', folder];
  // It ended before its first checkpoint: there is nothing to go on from.
  rmSync(folder, { recursive: true, force: true });
  return [
    ...['train', '--config', 'resnet20d-cifar10', '--data-dir', dataDir, ...row.flags],
    ...['--epochs', `${epochs}`, '--seed', `${seed}`],
    ...['--output', runsFolder, '--experiment', experiment, ...extraFlags],
  ];
}

/** Trains in a child process; Ctrl-C reaches the child too, which saves and ends with 130. */
export async function runTrainer(args: readonly string[]): Promise<number> {
  console.log(`$ bag-of-tricks ${args.join(' ')}`);
  const child = spawn(process.execPath, [cli, ...args], { stdio: 'inherit' });
  const wait = () => {};
  const forward = () => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject).once('close', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', forward);
  }
}
