import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '@bag-of-tricks/bench/machine';
import { trainingsOf, type Way, ways } from './fine-tuning/recipe.ts';
import { runFineTuning } from './fine-tuning/run.ts';
import { fineTuningTable } from './fine-tuning/table.ts';
import { ladderTrainings, runLadder } from './ladder.ts';
import { drawLadder } from './picture.ts';
import { allRows, distilledName, teacherName, teacherSeed } from './rows.ts';
import { readRuns, runName } from './run-folders.ts';
import { formatTable, tableLines, withTable } from './table.ts';

const home = join(import.meta.dirname, '..');
// Relative, so that args.yaml and env.json name no folder of this machine.
const committedRuns = relative(process.cwd(), join(home, 'runs'));
const usage = `Usage: pnpm results ladder --data-dir <folder> [--epochs 8] [--rows a,b] [--seeds 42,43,44] [--no-bf16]
              [--runs <folder>] [--limit-samples n] [--steps-per-epoch n]
       pnpm results fine-tuning --data-dir <folder> --pretrained <file> [--images 2000,20000] [--seeds 42,43,44]
              [--rows tuned,pytorch,scratch] [--runs <folder>]
       pnpm results table`;

function writeTable(): void {
  const lines = tableLines(readRuns(committedRuns));
  const readme = join(home, 'README.md');
  const text = withTable(readFileSync(readme, 'utf8'), formatTable(lines));
  writeFileSync(readme, withTable(text, fineTuningTable(committedRuns), 'fine-tuning'));
  writeFileSync(join(home, 'ladder.generated.svg'), drawLadder(lines));
}

function hasBf16(): boolean {
  const { avx512_bf16, amx_bf16, bf16 } = describeMachine().flags;
  return avx512_bf16 || amx_bf16 || bf16;
}

const parsing = {
  allowPositionals: true,
  options: {
    'data-dir': { type: 'string' },
    pretrained: { type: 'string' },
    images: { type: 'string', default: '2000,20000' },
    epochs: { type: 'string', default: '8' },
    rows: { type: 'string' },
    seeds: { type: 'string', default: '42,43,44' },
    'no-bf16': { type: 'boolean', default: false },
    // For trying the whole path: short runs, in a folder of their own.
    runs: { type: 'string' },
    'limit-samples': { type: 'string' },
    'steps-per-epoch': { type: 'string' },
  },
} as const;
type Values = ReturnType<typeof parseArgs<typeof parsing>>['values'];

function wholeNumber(name: 'epochs' | 'seeds' | 'images', text: string): number {
  if (/^\d+$/.test(text) && (name === 'seeds' || Number(text) > 0)) return Number(text);
  throw new Error(`--${name}: expected whole numbers, got '${text}'.\n${usage}`);
}

function checkRows(wanted: readonly string[], names: readonly string[]): void {
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`--rows: expected some of ${names.join(', ')}, got ${unknown.join(', ')}.`);
  }
}

async function ladder(dataDir: string, values: Values): Promise<number> {
  const seeds = values.seeds.split(',').map((seed) => wholeNumber('seeds', seed));
  const epochs = wholeNumber('epochs', values.epochs);
  const runsFolder = values.runs ?? committedRuns;
  const teacher = join(runsFolder, runName(teacherName, teacherSeed));
  const rows = allRows({ epochs, bf16: !values['no-bf16'] && hasBf16(), teacher });
  const names = rows.map(({ name }) => name);
  const wanted = values.rows?.split(',') ?? names;
  checkRows(wanted, names);
  const extraFlags = (['limit-samples', 'steps-per-epoch'] as const).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );
  const needed = wanted.includes(distilledName) ? [...wanted, teacherName] : wanted;
  const trainings = ladderTrainings(
    rows.filter(({ name }) => needed.includes(name)),
    seeds,
  );
  return await runLadder(trainings, { dataDir, runsFolder, epochs, extraFlags }, () => {
    if (values.runs === undefined) writeTable();
  });
}

async function fineTuning(dataDir: string, pretrained: string, values: Values): Promise<number> {
  const seeds = values.seeds.split(',').map((seed) => wholeNumber('seeds', seed));
  const images = values.images.split(',').map((count) => wholeNumber('images', count));
  const names = Object.keys(ways);
  const wanted = values.rows?.split(',') ?? names;
  checkRows(wanted, names);
  const runsFolder = values.runs ?? committedRuns;
  const trainings = trainingsOf(images, seeds, wanted as Way[]);
  const places = { dataDir, pretrained, workFolder: 'output/fine-tuning', runsFolder };
  return await runFineTuning(trainings, places, () => {
    if (values.runs === undefined) writeTable();
  });
}

try {
  const {
    values,
    positionals: [command],
  } = parseArgs(parsing);
  const { 'data-dir': dataDir, pretrained } = values;
  if (command === 'table') writeTable();
  else if (command === 'ladder' && dataDir !== undefined)
    process.exitCode = await ladder(dataDir, values);
  else if (command === 'fine-tuning' && dataDir !== undefined && pretrained !== undefined)
    process.exitCode = await fineTuning(dataDir, pretrained, values);
  else throw new Error(usage);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
