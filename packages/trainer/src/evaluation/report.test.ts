import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { fromLayersModel, type Network } from '@bag-of-tricks/train-step';
import { beforeAll, describe, expect, test } from 'vitest';
import { smallDataset, smallModel } from '../../test/small-parts.ts';
import { evaluate } from '../evaluate.ts';
import { fit } from '../fit.ts';
import { checkReportFolder, reportFolder } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'evaluation-'));
let network: Network;
let runFolder: string;

beforeAll(async () => {
  await registerTensorFlowBackend();
  network = fromLayersModel(smallModel(), { name: 'small' });
  const data = await smallDataset();
  const settings = { epochs: 1, batchSize: 8, output: folder, tricks: [] };
  ({ runFolder } = await fit({ network, data, ...settings, learningRate: { base: 0.02 } }));
  await data.close();
});

async function report(output: string) {
  const data = await smallDataset();
  const result = await evaluate(runFolder, { network, data, output });
  await data.close();
  const read = (name: string) => readFileSync(join(output, name), 'utf8');
  return { result, read };
}

test('an evaluation is written whole: matrix, accuracy by class, and every mistake with its picture', async () => {
  const output = join(folder, 'new', 'report');
  const { result, read } = await report(output);
  expect(result.top5).toBeNull();
  const rows = read('confusion.csv').trimEnd().split('\n').slice(1);
  const counts = rows.map((row) => row.split(',').slice(1).map(Number));
  expect(counts.flat().reduce((sum, count) => sum + count)).toBe(result.samples);
  const right = counts.reduce((sum, row, i) => sum + row[i]!, 0);
  expect((100 * right) / result.samples).toBeCloseTo(result.top1, 6);
  expect(right).toBeLessThan(result.samples);
  const page = read('mistakes.html');
  expect(page.match(/<figure>/g)).toHaveLength(result.samples - right);
  expect(page).toContain(`<dd>${result.top1.toFixed(2)} %</dd>`);
  expect(page).not.toContain('Top-5');
  const [, base64] = /data:image\/jpeg;base64,([^"]+)"/.exec(page)!;
  expect([...Buffer.from(base64!, 'base64').subarray(0, 3)]).toEqual([255, 216, 255]);
});

test('an earlier report is replaced, anything else is refused before the evaluation', async () => {
  const output = join(folder, 'again');
  await report(output);
  await report(output);
  const before = readdirSync(output);
  writeFileSync(join(output, 'notes.txt'), 'mine');
  await expect(report(output)).rejects.toThrow('found notes.txt. Give another one (--output)');
  expect(readdirSync(output)).toEqual([...before, 'notes.txt'].sort());
  expect(() => checkReportFolder(join(output, 'notes.txt'))).toThrow('found');
  mkdirSync(join(folder, 'empty'));
  checkReportFolder(join(folder, 'empty'));
});

describe('the folder without another wish', () => {
  test('is in the run folder, also for one of its checkpoints', () => {
    const inRun = join(runFolder, 'evaluation');
    expect(reportFolder(runFolder, 'best')).toBe(inRun);
    expect(reportFolder(join(runFolder, 'checkpoints', 'last'), 'best')).toBe(inRun);
  });

  test('is beside a checkpoint that is in no run, which stays as it is', () => {
    const copy = join(folder, 'copy');
    expect(reportFolder(`${copy}/`, 'best')).toBe(`${copy}-evaluation`);
    expect(existsSync(`${copy}-evaluation`)).toBe(false);
  });
});
