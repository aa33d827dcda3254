// The command of the table on one small network; its runtimes run from `dist`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thumbnail } from '@bag-of-tricks/image-data';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { expect, onTestFinished, test } from 'vitest';
import { labelledPictures } from '../labelled-pictures.ts';
import { paint } from '../pictures.ts';
import { fillTable } from './fill-table.ts';
import { type ComparedNetwork, randomWeights } from './networks.ts';
import { placesOf } from './plan.ts';
import { formatRows, isTooFar, type Row, readRows } from './rows.ts';

const place = { network: 'resnet20d', format: 'onnx', runtime: 'node-onnxruntime' } as const;
const measured: Row = {
  ...{ ...place, bytes: 1.2e6, difference: 2e-7, pictures: 20, right: 18, imagesPerSecond: 123.4 },
  ...{ busy: false, version: 'onnxruntime-node 1.2' },
};
const page = (rows: readonly Row[]) =>
  formatRows(rows, { networks: ['resnet20d'], machine: '2 cores', rowsInAll: 5 });

test('a network is exported and compared, what is missing is said, and what was measured stays', {
  tags: ['slow'],
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'exports-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [i, name] of ['cat', 'dog'].entries()) {
    mkdirSync(join(folder, 'pictures', name), { recursive: true });
    const pixels = { kind: 'pixels', pixels: paint(i, 50, 40), height: 50, width: 40 } as const;
    writeFileSync(join(folder, 'pictures', name, '1.jpg'), await thumbnail(pixels));
  }
  await registerTensorFlowBackend();
  const network: ComparedNetwork = {
    ...{ name: 'resnet20d', isTrained: false, isSmall: true },
    weights: (weights) => randomWeights('resnet20d', weights, 32),
    pictures: async () => labelledPictures(join(folder, 'pictures'), ['cat', 'dog']),
  };
  const seen: Row[] = [];
  const options = {
    ...{ folder: join(folder, 'work'), python: '/nowhere/python', busy: true, rows: [] },
    only: 'graph-model float32 node-cpu|saved-model frozen python-tensorflow$',
    onRow: async (_: readonly Row[], row: Row) => void seen.push(row),
  };
  const rows = await fillTable([network], options);
  expect(rows).toEqual(seen);
  const [cpu, python] = rows;
  expect(cpu).toMatchObject({
    ...{ runtime: 'node-cpu', pictures: 2, right: null, busy: true },
    version: expect.stringContaining('TensorFlow.js'),
  });
  expect((cpu as { difference: number }).difference).toBeLessThan(1e-4);
  expect(python).toMatchObject({ notRun: 'no /nowhere/python here' });
  expect(rows.some(isTooFar)).toBe(false);

  const all = placesOf('resnet20d', true).map((one) => ({ ...measured, ...one }));
  expect(await fillTable([network], { ...options, only: undefined, rows: all })).toBe(all);
});

test('a page carries its rows, in order, and a row that did not run has no number', () => {
  const notRun: Row = { ...place, runtime: 'python-onnxruntime', notRun: 'no module' };
  const failed: Row = { ...place, format: 'safetensors', runtime: 'python-timm', failed: 'why' };
  const frozen: Row = { ...measured, format: 'saved-model frozen', runtime: 'python-tensorflow' };
  const text = page([failed, notRun, measured, { ...frozen, right: null, busy: true }]);
  expect(readRows(text).map(({ format }) => format)).toEqual([
    ...['saved-model frozen', 'onnx', 'onnx', 'safetensors'],
  ]);
  expect(page(readRows(text))).toBe(text);
  expect(text).toContain('2 cores. Measured: 2 of 5 rows.');
  const lines = text.split('\n').filter((one) => one.startsWith('| `'));
  expect(lines.map((one) => one.split(' | ').slice(4).join(' | '))).toEqual([
    '1.2 MB | 2.0e-7 | – | 123* |',
    '1.2 MB | 2.0e-7 | 18 of 20 | 123 |',
    '– | not run: no module | – | – |',
    '– | **failed**: why | – | – |',
  ]);
});

test('a difference that rounding does not explain is found, but for fewer bits', () => {
  expect(isTooFar(measured)).toBe(false);
  for (const difference of [2e-4, Number.POSITIVE_INFINITY, Number.NaN])
    expect(isTooFar({ ...measured, difference })).toBe(true);
  const saved = { format: 'saved-model frozen', runtime: 'python-tensorflow' } as const;
  expect(isTooFar({ ...measured, ...saved, difference: 2e-5 })).toBe(true);
  expect(isTooFar({ ...measured, difference: 0.02, format: 'graph-model uint8' })).toBe(false);
});
