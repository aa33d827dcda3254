import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '@bag-of-tricks/bench/statistics';

/** What the table says of one finished run. */
export interface Run {
  readonly row: string;
  readonly seed: number;
  readonly folder: string;
  /** Of the last epoch, in percent. */
  readonly top1: number;
  /** Median over the epochs. */
  readonly imagesPerSecond: number;
}

export type RunState = 'missing' | 'started' | 'finished';

export function runName(row: string, seed: number): string {
  return `${row}-seed${seed}`;
}

/** A run is finished when `summary.csv` has as many epochs as `args.yaml` asks for. */
export function runState(folder: string): RunState {
  if (!existsSync(join(folder, 'args.yaml'))) return 'missing';
  return readEpochs(folder).length >= wantedEpochs(folder) ? 'finished' : 'started';
}

export function wantedEpochs(folder: string): number {
  const epochs = /^epochs: (\d+)$/m.exec(readFileSync(join(folder, 'args.yaml'), 'utf8'))?.[1];
  if (epochs === undefined) {
    throw new Error(`${folder}/args.yaml: expected a line 'epochs: <n>', got none.`);
  }
  return Number(epochs);
}

/** The finished runs of a folder, sorted by name and seed. */
export function readRuns(runsFolder: string): Run[] {
  if (!existsSync(runsFolder)) return [];
  return readdirSync(runsFolder)
    .flatMap((name) => {
      const [, row, seed] = /^(.+)-seed(\d+)$/.exec(name) ?? [];
      const folder = join(runsFolder, name);
      if (row === undefined || runState(folder) !== 'finished') return [];
      const epochs = readEpochs(folder);
      const top1 = Number(epochs.at(-1)?.eval_top1 || Number.NaN);
      const imagesPerSecond = median(epochs.map((epoch) => Number(epoch.images_per_second)));
      if (!Number.isFinite(top1) || !Number.isFinite(imagesPerSecond)) {
        throw new Error(`${folder}/summary.csv: expected eval_top1 and images_per_second.`);
      }
      return [{ row, seed: Number(seed), folder: name, top1, imagesPerSecond }];
    })
    .sort((a, b) => a.row.localeCompare(b.row) || a.seed - b.seed);
}

/** The rows of `summary.csv`, a record of its cells each. */
export function readEpochs(folder: string): Record<string, string>[] {
  const path = join(folder, 'summary.csv');
  if (!existsSync(path)) return [];
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}
