import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readEpochs, readRuns } from '../run-folders.ts';
import { withTable } from '../table.ts';
import { flagsOf, recipe, trainingsOf } from './recipe.ts';
import { linkImages } from './run.ts';
import { fineTuningTable } from './table.ts';

const home = join(import.meta.dirname, '..', '..');
const committed = join(home, 'runs');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fine-tuning-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the ways take turns within a seed, a size is finished before the next, and only scratch has no weights', () => {
  const trainings = trainingsOf([2000, 20_000], [1, 2]);
  expect(trainings.map(({ images }) => images)).toEqual([
    ...Array(6).fill(2000),
    ...Array(6).fill(20_000),
  ]);
  expect(trainings.slice(0, 6).map(({ way, seed }) => `${way} ${seed}`)).toEqual([
    ...['tuned 1', 'pytorch 1', 'scratch 1', 'tuned 2', 'pytorch 2', 'scratch 2'],
  ]);
  const [tuned, , scratch] = trainings.map((training) => flagsOf(training, 'w.safetensors'));
  // The numbers of the committed runs, PyTorch's too.
  expect(recipe).toMatchObject({
    ...{ learningRate: 0.001, weightDecay: 0.01, warmupEpochs: 0.5, epsilon: 0.1 },
  });
  expect(tuned).toContain('--pretrained');
  expect(scratch).not.toContain('--pretrained');
});

test('the smaller data set has the first images of each class, and as many for evaluation at every size', () => {
  const dataDir = join(folder, 'cifar10');
  for (let label = 0; label < 10; label++) {
    for (const [split, count] of [
      ['train', 3],
      ['test', 201],
    ] as const) {
      mkdirSync(join(dataDir, split, `${label}`), { recursive: true });
      for (let i = 0; i < count; i++)
        writeFileSync(join(dataDir, split, `${label}`, `${1000 + i}.jpg`), '');
    }
  }
  const places = { dataDir, pretrained: '', workFolder: folder, runsFolder: folder };
  const made = linkImages(places, 20);
  expect(readdirSync(join(made, 'train', '7'))).toEqual(['1000.jpg', '1001.jpg']);
  expect(readdirSync(join(made, 'test', '7'))).toHaveLength(200);
  expect(() => linkImages(places, 40)).toThrow('expected 4 images');
});

test('the table compares the speeds of quiet runs seed by seed, and times what comes within a point of the best', () => {
  const makeRun = (name: string, rows: readonly string[], load = 2.5) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'args.yaml'), `epochs: ${rows.length}\n`);
    writeFileSync(join(folder, name, 'wall.json'), JSON.stringify({ seconds: 50, load }));
    const header = 'eval_top1,images_per_second,epoch_seconds';
    writeFileSync(join(folder, name, 'summary.csv'), `${[header, ...rows].join('\n')}\n`);
  };
  makeRun('tuned-2000-seed1', ['70,200,11', '79.5,200,10', '80,200,10']);
  makeRun('tuned-2000-seed2', ['70,300,11', '78,300,10', '82,300,10']);
  makeRun('pytorch-2000-seed1', ['70,100,20', '70,100,20', '80,100,20']);
  makeRun('pytorch-2000-seed2', ['84,10,200'], 9);
  makeRun('scratch-2000-seed1', ['30,10,200'], 9);
  expect(fineTuningTable(folder).split('\n').slice(2)).toEqual([
    '| 2,000, 4 epochs | ours, fine-tuned | 1: 80.00, 2: 82.00 | 81.00 ± 1.41 | 250 | 2.00 | 26 | 50 | `runs/tuned-2000-seed*` |',
    '| 2,000, 4 epochs | PyTorch, fine-tuned | 1: 80.00, 2: 84.00 | 82.00 ± 2.83 | 100 |  | 60 | 50 | `runs/pytorch-2000-seed*` |',
    '| 2,000, 4 epochs | ours, from scratch | 1: 30.00 | 30.00 | – | – | – | – | `runs/scratch-2000-seed*` |',
  ]);
});

test('the committed table is what the committed run folders give', () => {
  const readme = readFileSync(join(home, 'README.md'), 'utf8');
  expect(withTable(readme, fineTuningTable(committed), 'fine-tuning')).toBe(readme);
});

test("PyTorch's committed runs had our settings, and our learning rates epoch by epoch", () => {
  for (const { folder: name, row } of readRuns(committed)) {
    if (!row.startsWith('pytorch-')) continue;
    const [theirs, ours] = [name, name.replace('pytorch', 'tuned')].map((one) =>
      join(committed, one),
    );
    const rates = (path: string) => readEpochs(path).map(({ lr }) => Number(lr));
    // Near its end a cosine loses digits, each program others.
    expect(rates(theirs!)).toEqual(rates(ours!).map((rate) => expect.closeTo(rate, 9)));
    const config = parse(readFileSync(join(ours!, 'args.yaml'), 'utf8'));
    expect(parse(readFileSync(join(theirs!, 'args.yaml'), 'utf8'))).toMatchObject({
      ...recipe,
      ...{ network: config.model, imageSize: config.input.imageSize, batchSize: config.batchSize },
      ...{ epochs: config.epochs, seed: config.seed },
      ...{ learningRate: config.learningRate.base, weightDecay: config.optimizer.weightDecay },
      ...{ epsilon: config.labelSmoothing.epsilon, warmupEpochs: config.warmup.epochs },
      ...{ mean: config.input.mean, std: config.input.std, bfloat16: config.amp !== null },
    });
  }
});
