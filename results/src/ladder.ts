import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startPytorchRun } from './pytorch-row.ts';
import {
  comparedName,
  distilledName,
  pytorchName,
  type Row,
  teacherName,
  teacherSeed,
} from './rows.ts';
import { runName, runState, wantedEpochs } from './run-folders.ts';
import { spawnInherited, trainerCli } from './spawn.ts';

export interface RunOptions {
  readonly dataDir: string;
  readonly runsFolder: string;
  readonly epochs: number;
  /** Flags for every run, for trying the whole path in a minute. */
  readonly extraFlags: readonly string[];
}

/** One training: a row with a seed. */
export interface Training {
  readonly row: Row;
  readonly seed: number;
}

/** Every row with the first seed, the teacher with its own, then the rows that know their noise with the others. */
export function ladderTrainings(rows: readonly Row[], seeds: readonly number[]): Training[] {
  return seeds.flatMap((seed, index) =>
    rows
      .filter((row) => index === 0 || row.everySeed)
      .map((row) => ({ row, seed: row.name === teacherName ? teacherSeed : seed })),
  );
}

/** Trains what is missing, one after another, until one does not end well; `onEnd` follows each. */
export async function runLadder(
  trainings: readonly Training[],
  options: RunOptions,
  onEnd: () => void,
): Promise<number> {
  const isMissing = ({ row, seed }: Training) =>
    runState(join(options.runsFolder, runName(row.name, seed))) !== 'finished';
  const needsTeacher = trainings.some((one) => one.row.name === distilledName && isMissing(one));
  for (const training of trainings) {
    const { row, seed } = training;
    if (row.name === teacherName && !needsTeacher && !isMissing(training)) continue;
    if (row.name === pytorchName) {
      if (!isMissing(training)) continue;
      const compared = join(options.runsFolder, runName(comparedName, seed));
      const code = await spawnInherited(await startPytorchRun(compared, seed, options));
      if (code !== 0) return code;
    } else {
      const args = trainArguments(row, seed, options);
      if (args === null) continue;
      console.log(`$ bag-of-tricks ${args.join(' ')}`);
      const code = await spawnInherited({ file: process.execPath, args: [trainerCli, ...args] });
      if (code !== 0) return code;
    }
    onEnd();
  }
  return 0;
}

/**
 * The trainer's arguments that start, or go on with, a run; null when it is finished. Of a committed run the weights are
 * missing, so the teacher, whose weights are what is wanted, is trained again.
 */
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
  const hasWeights = existsSync(join(folder, 'checkpoints', 'last'));
  if (state === 'finished' && (hasWeights || row.name !== teacherName)) return null;
  if (hasWeights) return ['train', '--resume', folder];
  // Without a checkpoint there is nothing to go on from.
  rmSync(folder, { recursive: true, force: true });
  return [
    ...['train', '--config', 'resnet20d-cifar10', '--data-dir', dataDir, ...row.flags],
    ...['--epochs', `${epochs}`, '--seed', `${seed}`],
    ...['--output', runsFolder, '--experiment', experiment, ...extraFlags],
  ];
}
