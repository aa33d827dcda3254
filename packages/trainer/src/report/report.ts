import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Column } from '@bag-of-tricks/train-step';
import type { TrainHooks } from '../log/hooks.ts';
import { reportPage } from './page.ts';

const require = createRequire(import.meta.url);

/** Columns of numbers, as uPlot takes them; a missing value is null. */
export type Columns = (number | null)[][];

/** One value of a trick over the steps. */
export interface Curve {
  readonly title: string;
  readonly values: (number | null)[];
}

/** The curves of a run: per step `step, loss, learning rate` and what tricks add; per epoch the accuracies by their names. */
export interface Curves {
  readonly steps: Columns;
  readonly tricks: readonly Curve[];
  readonly epochs: Columns;
  /** What the columns of `epochs` after the epoch are. */
  readonly accuracies: readonly string[];
}

type Cell = number | null;

function transpose(rows: readonly Cell[][], width: number): Columns {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? null));
}

function chartOf({ jsonl, chart, log2 }: Column, lines: readonly Record<string, Cell>[]): Curve[] {
  if (!chart || !jsonl) return [];
  const scaled = (value: Cell) => (value !== null && log2 ? Math.log2(value) : value);
  return [{ title: chart, values: lines.map((line) => scaled(line[jsonl] ?? null)) }];
}

/** Accuracies that `summary.csv` may hold, by the ends of their names. */
const accuracyNames = { train_top1: 'train', eval_top1: 'evaluation' } as const;

/** Reads the curves back from a run folder's `metrics.jsonl` and `summary.csv`. */
export function readCurves(runFolder: string, columns: readonly Column[] = []): Curves {
  const linesOf = (name: string) =>
    readFileSync(join(runFolder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  const lines = linesOf('metrics.jsonl').map((line) => JSON.parse(line) as Record<string, Cell>);
  const [header = [], ...rows] = linesOf('summary.csv').map((line) => line.split(','));
  const shown = header.flatMap((name, i) => (name.endsWith('_top1') ? [{ name, i }] : []));
  const cell = (text: string | undefined) => (text ? Number(text) : null);
  const epochs = rows.map((row) => [Number(row[0]) + 1, ...shown.map(({ i }) => cell(row[i]))]);
  return {
    steps: transpose(
      lines.map(({ step, loss, lr }) => [step!, loss!, lr!]),
      3,
    ),
    tricks: columns.flatMap((column) => chartOf(column, lines)),
    epochs: transpose(epochs, shown.length + 1),
    accuracies: shown.map(
      ({ name }) =>
        accuracyNames[name as keyof typeof accuracyNames] ?? name.slice(0, -'_top1'.length),
    ),
  };
}

/** Keeps `report.html` in the run folder: its curves, configuration and machine on one page that needs nothing else. */
export function reportLog(
  runFolder: string,
  { columns = [] }: { readonly columns?: readonly Column[] } = {},
): TrainHooks {
  const write = (): void => {
    const read = (name: string) => readFileSync(join(runFolder, name), 'utf8');
    const page = reportPage({
      title: runFolder.split('/').at(-1)!,
      curves: readCurves(runFolder, columns),
      args: read('args.yaml'),
      env: read('env.json'),
      script: readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
      style: readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'),
    });
    writeFileSync(join(runFolder, 'report.html'), page);
  };
  return { onEpochEnd: write, onTrainEnd: write };
}
