import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runTrainer, trainArguments } from './ladder.ts';
import { ladderRows, teacherName, teacherRow } from './rows.ts';
import { readRuns, runName } from './run-folders.ts';
import { drawLadder, formatTable, tableLines, withTable } from './table.ts';

const home = join(import.meta.dirname, '..');
const usage = `Usage: pnpm results ladder --data-dir <folder> [--epochs 8] [--rows a,b] [--seeds 42,43,44] [--no-bf16]
       pnpm results table`;

function writeTable(): void {
  const lines = tableLines(readRuns(join(home, 'runs')));
  const readme = join(home, 'README.md');
  writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), formatTable(lines)));
  writeFileSync(join(home, 'ladder.generated.html'), drawLadder(lines));
}

function hasBf16(): boolean {
  const path = '/proc/cpuinfo';
  return existsSync(path) && /\b(avx512_bf16|amx_bf16|bf16)\b/.test(readFileSync(path, 'utf8'));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'data-dir': { type: 'string' },
    epochs: { type: 'string', default: '8' },
    rows: { type: 'string' },
    seeds: { type: 'string', default: '42,43,44' },
    'no-bf16': { type: 'boolean', default: false },
    // For trying the path: short runs, in a folder of their own.
    runs: { type: 'string' },
    'limit-samples': { type: 'string' },
    'steps-per-epoch': { type: 'string' },
  },
});

function numbers(name: 'epochs' | 'seeds'): number[] {
  const list = values[name].split(',').map(Number);
  if (list.every((one) => Number.isInteger(one) && one >= (name === 'epochs' ? 1 : 0))) return list;
  throw new Error(`--${name}: expected whole numbers, got ${values[name]}.\n${usage}`);
}

/** Runs what is missing; the first and the last row, and no other, with every seed. */
async function ladder(dataDir: string): Promise<number> {
  const seeds = numbers('seeds');
  const [epochs = 8] = numbers('epochs');
  const runsFolder = values.runs === undefined ? join(home, 'runs') : resolve(values.runs);
  const teacher = join(runsFolder, runName(teacherName, seeds[0]!));
  const options = { epochs, bf16: !values['no-bf16'] && hasBf16(), teacher };
  const all = ladderRows(options);
  const rows = [teacherRow(options), ...all];
  const wanted = values.rows?.split(',') ?? rows.map(({ name }) => name);
  const unknown = wanted.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) {
    const names = rows.map(({ name }) => name).join(', ');
    throw new Error(`--rows: expected some of ${names}, got ${unknown.join(', ')}.`);
  }
  const extraFlags = (['limit-samples', 'steps-per-epoch'] as const).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );
  for (const row of rows.filter(({ name }) => wanted.includes(name))) {
    const everySeed = row === all[0] || row === all.at(-1);
    for (const seed of everySeed ? seeds : seeds.slice(0, 1)) {
      const run = { dataDir: resolve(dataDir), runsFolder, epochs, extraFlags };
      const args = trainArguments(row, seed, run);
      if (args === null) continue;
      const code = await runTrainer(args);
      if (values.runs === undefined) writeTable();
      if (code !== 0) return code;
    }
  }
  return 0;
}

try {
  const [command] = positionals;
  const dataDir = values['data-dir'];
  if (command === 'table') writeTable();
  else if (command === 'ladder' && dataDir !== undefined) process.exitCode = await ladder(dataDir);
  else throw new Error(usage);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
