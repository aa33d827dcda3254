import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ladderTrainings, trainArguments } from './ladder.ts';
import { drawLadder } from './picture.ts';
import { allRows } from './rows.ts';
import { readRuns } from './run-folders.ts';
import { formatTable, tableLines, withTable } from './table.ts';

const home = join(import.meta.dirname, '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'results-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function makeRun(name: string, top1: readonly number[], epochs = top1.length): void {
  mkdirSync(join(folder, name, 'checkpoints', 'last'), { recursive: true });
  writeFileSync(join(folder, name, 'args.yaml'), `model: resnet20\nepochs: ${epochs}\n`);
  const rows = top1.map((value, i) => `${i},${value.toFixed(3)},${1000 + 10 * i}.0\n`);
  const header = 'epoch,eval_top1,images_per_second\n';
  writeFileSync(join(folder, name, 'summary.csv'), header + rows.join(''));
}

test('the table has a line a row, with the spread between seeds and the difference of equal seeds', () => {
  makeRun('baseline-seed1', [50, 60]);
  makeRun('baseline-seed2', [50, 62]);
  makeRun('large-batch-seed1', [40, 55]);
  makeRun('cosine-seed1', [40], 2);
  expect(formatTable(tableLines(readRuns(folder)))).toBe(
    [
      '| Row | Change | Top-1 % by seed | Mean | Δ | img/s | Run folder |',
      '|---|---|---|---|---|---|---|',
      '| `baseline` | `resnet20`, batch 128, learning rate 0.1, step decay | 1: 60.00, 2: 62.00 | 61.00 ± 1.41 |  | 1005 | `runs/baseline-seed1` `runs/baseline-seed2` |',
      '| `large-batch` | + batch 1024 with warmup and linear scaling | 1: 55.00 | 55.00 | -5.00 | 1005 | `runs/large-batch-seed1` |',
    ].join('\n'),
  );
});

test('the committed table and picture are what the committed run folders give', () => {
  const lines = tableLines(readRuns(join(home, 'runs')));
  const readme = readFileSync(join(home, 'README.md'), 'utf8');
  expect(withTable(readme, formatTable(lines))).toBe(readme);
  expect(readFileSync(join(home, 'ladder.generated.svg'), 'utf8')).toBe(drawLadder(lines));
});

test("PyTorch's runs had our learning rates, epoch by epoch", () => {
  const rates = (name: string) => {
    const text = readFileSync(join(home, 'runs', name, 'summary.csv'), 'utf8');
    const [header, ...lines] = text.trimEnd().split('\n');
    const column = header!.split(',').indexOf('lr');
    return lines.map((line) => Number(line.split(',')[column]));
  };
  const seeds = readRuns(join(home, 'runs')).filter(({ row }) => row === 'pytorch');
  expect(seeds.length).toBeGreaterThanOrEqual(5);
  for (const { seed } of seeds) {
    const ours = rates(`mixup-seed${seed}`);
    expect(ours).toHaveLength(8);
    expect(rates(`pytorch-seed${seed}`)).toEqual(ours);
  }
});

test('a finished run is skipped, an interrupted one resumed, one of another length refused', () => {
  const [row] = allRows({ epochs: 2, bf16: false, teacher: 't' });
  const options = { dataDir: 'd', runsFolder: folder, epochs: 2, extraFlags: [] };
  expect(trainArguments(row!, 1, options)).toContain('baseline-seed1');
  makeRun('baseline-seed1', [50], 2);
  const resume = ['train', '--resume', join(folder, 'baseline-seed1')];
  expect(trainArguments(row!, 1, options)).toEqual(resume);
  makeRun('baseline-seed1', [50, 60]);
  expect(trainArguments(row!, 1, options)).toBeNull();
  expect(() => trainArguments(row!, 1, { ...options, epochs: 3 })).toThrow('got 2');
});

test('a finished teacher without weights is trained again', () => {
  const rows = allRows({ epochs: 2, bf16: true, teacher: 't' });
  const teacher = rows.find(({ name }) => name === 'teacher')!;
  const options = { dataDir: 'd', runsFolder: folder, epochs: 2, extraFlags: [] };
  makeRun('teacher-seed1', [50, 60]);
  expect(trainArguments(teacher, 1, options)).toBeNull();
  rmSync(join(folder, 'teacher-seed1', 'checkpoints'), { recursive: true });
  expect(trainArguments(teacher, 1, options)).toContain('resnet56d');
});

test('each row adds to the one before it, and the first, the last, and what is compared with PyTorch know their noise', () => {
  const rows = allRows({ epochs: 8, bf16: true, teacher: 'runs/teacher' });
  const trainings = ladderTrainings(rows, [1, 2]);
  const first = trainings.slice(0, rows.length);
  expect(first.map(({ row }) => row)).toEqual(rows);
  for (const { row, seed } of first) expect(seed).toBe(row.name === 'teacher' ? 42 : 1);
  expect(trainings.filter(({ seed }) => seed === 2).map(({ row }) => row.name)).toEqual([
    ...['baseline', 'mixup', 'distill', 'pytorch'],
  ]);
  const ladder = rows.filter(({ name }) => name !== 'teacher' && name !== 'pytorch');
  for (const [i, row] of ladder.entries()) {
    expect(row.flags.slice(0, ladder[i - 1]?.flags.length ?? 0)).toEqual(
      ladder[i - 1]?.flags ?? [],
    );
  }
  expect(ladder.at(-1)!.flags.slice(-2)).toEqual(['--teacher', 'runs/teacher']);
});
