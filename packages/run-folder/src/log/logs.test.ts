import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SaveError } from '../errors.ts';
import { badImageLog } from './bad-images.ts';
import type { Column } from './columns.ts';
import { consoleLog, formatAccuracy } from './console.ts';
import { csvLog } from './csv.ts';
import type { BatchLog, EpochLog, TrainBeginLog } from './hooks.ts';
import { jsonlLog } from './jsonl.ts';

const path = (name: string) => join(mkdtempSync(join(tmpdir(), 'log-')), name);
const batch = (step: number): BatchLog => ({
  epoch: 0,
  stepInEpoch: step - 1,
  stepsPerEpoch: 100,
  step,
  totalSteps: 200,
  batchSize: 64,
  loss: 2.25,
  top1: 0.5,
  meanLoss: 2.5,
  skipped: false,
  learningRate: 0.1,
  values: { lambda: 0.75 },
  notes: [],
  seconds: 0.5,
  dataSeconds: 0.004,
});
const epoch = (n: number): EpochLog => ({
  epoch: n,
  epochs: 3,
  step: 100 * (n + 1),
  trainLoss: 1.5,
  trainTop1: 60,
  evaluation: { loss: 0.5, top1: 85.25, top5: 99, samples: 10_000, seconds: 1 },
  others: {},
  isBest: true,
  best: { top1: 85.25, epoch: n },
  learningRate: 0.05,
  seconds: 50,
  dataSeconds: 0.625,
  imagesPerSecond: 128,
});

test('the console prints timm lines at the interval and at both ends of an epoch', () => {
  const lines: string[] = [];
  const log = consoleLog((line) => lines.push(line), { logInterval: 50 });
  for (let step = 1; step <= 100; step++) log.onBatchEnd!(batch(step));
  expect(lines).toHaveLength(3);
  expect(lines[1]).toBe(
    'Train: 0 [ 51/100 ( 51%)]  Loss: 2.250 (2.500)  Time: 0.500s, 128.0/s  (0.500s, 128.0/s)  LR: 1.000e-1  Data: 0.004 (0.004)  ETA: 0:01:15',
  );
  expect(lines[2]).toContain('[100/100 (100%)]');
});

test('steps and evaluations that take long are not silent for more than ten seconds and a batch', () => {
  const lines: string[] = [];
  let seconds = 0;
  const now = () => 1000 * seconds;
  const log = consoleLog((line) => lines.push(line), { logInterval: 50, now });
  for (let step = 1; step <= 8; step++) {
    seconds += 4;
    log.onBatchEnd!(batch(step));
  }
  expect(lines.map((line) => line.slice(0, 25))).toEqual([
    'Train: 0 [  1/100 (  1%)]',
    'Train: 0 [  4/100 (  4%)]',
    'Train: 0 [  7/100 (  7%)]',
  ]);
  lines.length = 0;
  for (let done = 250; done <= 1250; done += 250) {
    seconds += 6;
    log.onEvaluateBatchEnd!({ done, total: 1250 });
  }
  expect(lines).toEqual(['Test: [250/1250 (20%)]', 'Test: [750/1250 (60%)]']);
});

test('on a narrow terminal a line keeps what matters most, and never wraps', () => {
  const at = (columns: number) => {
    const lines: string[] = [];
    const log = consoleLog((line) => lines.push(line), { logInterval: 50, columns: () => columns });
    log.onBatchEnd!(batch(51));
    log.onEpochEnd!({ ...epoch(1), others: { ema: epoch(1).evaluation! } });
    return lines;
  };
  expect(at(60)).toEqual([
    'Train: 0 [ 51/100 ( 51%)]  Loss: 2.250 (2.500)  ETA: 0:01:15',
    'Epoch: 1  Time: 0:00:50, 128.0/s  Data: 1.25 % of the time',
    'Test: 1  Acc@1: 85.25 (train 60.00)  Acc@5: 99.00',
    ' * Acc@1 85.250 (14.750) Acc@5 99.000 (1.000)',
    'Test (ema): 1  * Acc@1 85.250 (14.750) Acc@5 99.000 (1.000)',
    '*** Best metric: 85.25 (epoch 1)',
  ]);
  expect(at(40)[0]).toBe('Train: 0 [ 51/100 ( 51%)]  Loss: 2.250');
  expect(at(20)[0]).toBe('Train: 0 [ 51/100 (…');
  expect(at(200)[0]).toContain('  LR: 1.000e-1  Data: 0.004 (0.004)  ETA: 0:01:15');
});

test('names and reasons are printed without what acts on a terminal', () => {
  const lines: string[] = [];
  const log = consoleLog((line) => lines.push(line), { logInterval: 50 });
  log.onBadImage!({ image: 'a\u001b[2J\nTrain: 9', reason: 'b\r', epoch: 0 });
  expect(lines).toEqual(['Skipped: a\\x1b[2J\\nTrain: 9: b\\r']);
});

/** Columns as the trick of mixed precision has them. */
const columns: Column[] = [
  { value: 'scale', jsonl: 'lossScale', csv: 'loss_scale', console: 'Scale' },
  { value: 'count', jsonl: 'skippedSteps', csv: 'skipped_steps' },
];

const begin: TrainBeginLog = {
  config: { model: 'm', dataset: 'd', epochs: 3, batchSize: 64 } as never,
  runFolder: 'runs/r',
  environment: {
    ...{ tensorflow: '2', backend: 'tensorflow', devices: ['CPU:0'] },
    ...{ cpu: 'c', cores: 2, node: 'v20' },
  } as never,
  parameters: 1234,
  trainSamples: 6400,
  evalSamples: 10_000,
  stepsPerEpoch: 100,
  firstStep: 7,
  columns,
  notes: ['mixed precision: bfloat16, loss scale: none', 'Warning: this device emulates it'],
};

test('the console says where and what is trained, and what tricks note of it', () => {
  const lines: string[] = [];
  consoleLog((line) => lines.push(line), { logInterval: 50 }).onTrainBegin!(begin);
  expect(lines).toEqual([
    'Run folder: runs/r',
    'TensorFlow 2 on CPU:0 (c, 2 cores), Node v20',
    'm: 1,234 parameters; d: 6,400 training and 10,000 evaluation images; 3 epochs of 100 steps at batch size 64',
    ...begin.notes,
    'Resumed after step 7',
  ]);
  consoleLog((line) => lines.push(line), { logInterval: 50 }).onTrainBegin!({
    ...begin,
    processes: 2,
  });
  expect(lines[lines.length / 2 + 2]).toMatch(/ steps at batch size 2 x 64 = 128$/);
  lines.length = 0;
  const environment = { ...begin.environment, tensorflow: '4', backend: 'wasm', devices: ['wasm'] };
  consoleLog((line) => lines.push(line), { logInterval: 50 }).onTrainBegin!({
    ...begin,
    environment,
  });
  expect(lines[1]).toBe('TensorFlow.js 4 on wasm (c, 2 cores), Node v20');
});

test('what a trick notes of a step is printed at once, and its values are in every log', () => {
  const values = { scale: 2048, count: 3 };
  const notes = ['Skipped: step 2, a gradient overflowed'];
  const skipped = { ...batch(2), loss: Number.NaN, skipped: true, values, notes };
  const lines: string[] = [];
  const log = consoleLog((line) => lines.push(line), { logInterval: 50 });
  log.onTrainBegin!(begin);
  lines.length = 0;
  log.onBatchEnd!({ ...batch(1), values: { scale: 4096, count: 2 } });
  log.onBatchEnd!(skipped);
  expect(lines[0]).toContain('LR: 1.000e-1  Scale: 4096  Data:');
  expect(lines.slice(1)).toEqual(notes);
  log.onBatchEnd!({ ...batch(51), values: { scale: 0.123456, count: 3 } });
  expect(lines[2]).toContain('Scale: 0.1235  Data:');

  const metrics = path('metrics.jsonl');
  jsonlLog(metrics, { firstStep: 0 }).onBatchEnd!(skipped);
  const written = () => JSON.parse(readFileSync(metrics, 'utf8').trim().split('\n').at(-1)!);
  expect(written()).not.toHaveProperty('lossScale');
  jsonlLog(metrics, { firstStep: 0, columns }).onBatchEnd!(skipped);
  expect(written()).toMatchObject({ loss: null, lossScale: 2048, skippedSteps: 3 });

  const summary = path('summary.csv');
  const csv = csvLog(summary, { firstEpoch: 0, columns, others: ['ema'] });
  csv.onBatchEnd!(skipped);
  const other = { loss: 0.25, top1: 90.5, top5: 99.5, samples: 10_000, seconds: 1 };
  csv.onEpochEnd!({ ...epoch(0), others: { ema: other } });
  const [header, row] = readFileSync(summary, 'utf8').trim().split('\n');
  const column = (name: string) => row!.split(',')[header!.split(',').indexOf(name)];
  expect([column('loss_scale'), column('skipped_steps')]).toEqual(['2048', '3']);
  expect(['ema_loss', 'ema_top1', 'ema_top5'].map(column)).toEqual([
    '0.250000',
    '90.500',
    '99.500',
  ]);
});

test('the console prints accuracy, error and the best so far after an evaluation', () => {
  const lines: string[] = [];
  consoleLog((line) => lines.push(line), { logInterval: 50 }).onEpochEnd!(epoch(1));
  expect(lines).toContain(' * Acc@1 85.250 (14.750) Acc@5 99.000 (1.000)');
  expect(lines).toContain('*** Best metric: 85.25 (epoch 1)');
  const ema = { loss: 0.25, top1: 90, top5: 99, samples: 10_000, seconds: 1 };
  consoleLog((line) => lines.push(line), { logInterval: 50 }).onEpochEnd!({
    ...epoch(1),
    ...{ others: { ema }, best: { top1: 90, epoch: 1 } },
  });
  expect(lines).toContain(
    'Test (ema): 1  Loss: 0.2500  * Acc@1 90.000 (10.000) Acc@5 99.000 (1.000)',
  );
  expect(lines).toContain('*** Best metric: 90.00 (epoch 1)');
  expect(lines).toContain('Epoch: 1  Time: 0:00:50, 128.0/s  Data: 1.25 % of the time');
  expect(formatAccuracy({ top1: 100, top5: 100 })).toBe(
    ' * Acc@1 100.000 (0.000) Acc@5 100.000 (0.000)',
  );
});

test('a resumed summary.csv keeps the rows before its first epoch and repeats none', () => {
  const file = path('summary.csv');
  const first = csvLog(file, { firstEpoch: 0 });
  for (const n of [0, 1, 2]) first.onEpochEnd!(epoch(n));
  csvLog(file, { firstEpoch: 2 }).onEpochEnd!(epoch(2));
  const rows = readFileSync(file, 'utf8').trim().split('\n');
  expect(rows[0]).toBe(
    'epoch,train_loss,train_top1,eval_loss,eval_top1,eval_top5,lr,epoch_seconds,images_per_second,data_percent',
  );
  expect(rows.slice(1).map((row) => row.split(',')[0])).toEqual(['0', '1', '2']);
  expect(rows[1]).toBe('0,1.500000,60.000,0.500000,85.250,99.000,5.000000e-2,50.000,128.0,1.25');
});

test('a resumed metrics.jsonl drops steps taken again and a line that a kill cut off', () => {
  const file = path('metrics.jsonl');
  const first = jsonlLog(file, { firstStep: 0 });
  for (const step of [1, 2, 3]) first.onBatchEnd!(batch(step));
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"step": 4, "lo`);
  jsonlLog(file, { firstStep: 2 }).onBatchEnd!(batch(3));
  const steps = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).step);
  expect(steps).toEqual([1, 2, 3]);
});

test('rows that are missing before the checkpoint are told, and nothing else is', () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const [summary, metrics] = [path('summary.csv'), path('metrics.jsonl')];
  csvLog(summary, { firstEpoch: 0, say }).onEpochEnd!(epoch(0));
  csvLog(summary, { firstEpoch: 1, say });
  jsonlLog(metrics, { firstStep: 0, say }).onBatchEnd!(batch(1));
  jsonlLog(metrics, { firstStep: 1, say });
  expect(said).toEqual([]);
  csvLog(summary, { firstEpoch: 2, say });
  jsonlLog(metrics, { firstStep: 2, say });
  expect(said.map((line) => line.includes('before the checkpoint are missing'))).toEqual([
    ...[true, true],
  ]);
});

test('a row that cannot be written ends the run with the error of one that cannot save', () => {
  const file = path('metrics.jsonl');
  const log = jsonlLog(file, { firstStep: 0 });
  mkdirSync(file);
  expect(() => log.onBatchEnd!(batch(1))).toThrow(SaveError);
  expect(() => jsonlLog(file, { firstStep: 0 })).toThrow(
    /metrics.jsonl: .* got EISDIR \(.*\)\. Make room/,
  );
});

test('the console names the first bad images only', () => {
  const lines: string[] = [];
  const log = consoleLog((line) => lines.push(line), { logInterval: 50 });
  for (let i = 0; i < 100; i++) log.onBadImage!({ image: `${i}.jpg`, reason: 'empty', epoch: 0 });
  expect(lines[0]).toBe('Skipped: 0.jpg: empty');
  expect(lines).toHaveLength(21);
});

test('bad-images.jsonl lists each image once an epoch, also over a resumption', () => {
  const file = path('bad-images.jsonl');
  const bad = (image: string, epoch: number) => ({ epoch, image, reason: 'ends early' });
  const first = badImageLog(file, { firstEpoch: 0 });
  expect(existsSync(file)).toBe(false);
  for (const one of [bad('a.jpg', 0), bad('b.jpg', 1), bad('c.jpg', 2)]) first.onBadImage!(one);
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"epoch": 2, "im`);
  const second = badImageLog(file, { firstEpoch: 1 });
  for (const one of [bad('b.jpg', 1), bad('gpj.\u202ed', 1), bad('c.jpg', 2)])
    second.onBadImage!(one);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines[2]).toContain('gpj.\\u202ed');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    bad('a.jpg', 0),
    bad('b.jpg', 1),
    bad('gpj.\u202ed', 1),
    bad('c.jpg', 2),
  ]);
});

test('of five classes or fewer there is no top-5, on the console and in the CSV', () => {
  const lines: string[] = [];
  const evaluation = { ...epoch(1).evaluation!, top5: null };
  consoleLog((line) => lines.push(line), { logInterval: 50 }).onEpochEnd!({
    ...epoch(1),
    evaluation,
    others: { ema: evaluation },
  });
  expect(lines).toContain(' * Acc@1 85.250 (14.750)');
  expect(lines.join('\n')).not.toMatch(/Acc@5|null|NaN/);
  const file = path('summary.csv');
  csvLog(file, { firstEpoch: 0 }).onEpochEnd!({ ...epoch(0), evaluation });
  const [header, row] = readFileSync(file, 'utf8').split('\n');
  const at = header!.split(',').indexOf('eval_top5');
  expect(row!.split(',').slice(at - 1, at + 1)).toEqual(['85.250', '']);
});
