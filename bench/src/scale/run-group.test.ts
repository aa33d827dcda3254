import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { coresIn, coresOf, runGroup } from './run-group.ts';

test('processes have cores of their own, and share them where there are too few', () => {
  expect(coresIn('0-2,5')).toEqual([0, 1, 2, 5]);
  expect([0, 1].map((rank) => coresOf(rank, 2, [4, 7]))).toEqual([[4], [7]]);
  expect([0, 1].map((rank) => coresOf(rank, 2, [0, 1, 2, 3, 4]))).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(coresOf(0, 1, [0, 1])).toEqual([0, 1]);
  expect([0, 1, 2].map((rank) => coresOf(rank, 3, [0, 1]))).toEqual([[0], [1], [0]]);
});

const node = (code: string) => ({ file: process.execPath, args: ['-e', code] });

test('each process is told who it is, by the variables of torchrun, and has its cores alone', async () => {
  const told = node(
    'const { RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT } = process.env; console.log(JSON.stringify([RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT, require("os").availableParallelism()]))',
  );
  const [first, second] = await runGroup<string[]>(told, { size: 2, network: null });
  const cores = Math.max(1, Math.floor(availableParallelism() / 2));
  const port = first![3];
  expect(first).toEqual(['0', '2', '127.0.0.1', expect.stringMatching(/^\d+$/), cores]);
  expect(second).toEqual(['1', '2', '127.0.0.1', port, cores]);
});

test('a process that fails ends the others', async () => {
  const one = 'if (process.env.RANK === "1") process.exit(3); setInterval(() => {}, 1000);';
  await expect(runGroup(node(one), { size: 2, network: null })).rejects.toThrow('ended with 3');
});
