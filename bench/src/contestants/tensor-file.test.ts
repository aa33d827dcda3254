import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readTensors, writeTensors } from './tensor-file.ts';

let folder = '';
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what was written is read, views of larger buffers and empty tensors too', async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
  const tensors = {
    'model/fc.weight': {
      shape: [2, 2],
      data: new Float32Array([0, 1.5, -2, 1e-30, 9]).subarray(1),
    },
    labels: { shape: [3], data: new Int32Array([7, -1, 2 ** 31 - 1]) },
    nothing: { shape: [0], data: new Float32Array(0) },
    scalar: { shape: [], data: new Float32Array([0.1]) },
  };
  await writeTensors(folder, tensors);
  expect(await readTensors(folder)).toEqual(tensors);
});
