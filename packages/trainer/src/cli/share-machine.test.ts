import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCpuList, shareCpus, shareGpus, shareMachine } from './share-machine.ts';

test('lists of CPUs are read as Linux writes them', () => {
  expect(parseCpuList('0-2,8')).toEqual([0, 1, 2, 8]);
  expect(parseCpuList('5')).toEqual([5]);
});

test('each process gets CPUs in a row, none that another has while there are enough, and none is left over', () => {
  expect(shareCpus([0, 4, 1, 5], 2)).toEqual([
    [0, 4],
    [1, 5],
  ]);
  expect(shareCpus([0, 1, 2], 2)).toEqual([[0, 1], [2]]);
  expect(shareCpus([7, 9], 3)).toEqual([[7], [9], [7]]);
  const cpus = fc.uniqueArray(fc.nat(500), { minLength: 1 });
  fc.assert(
    fc.property(cpus, fc.integer({ min: 1, max: 70 }), (all, processes) => {
      const shares = shareCpus(all, processes);
      const sizes = shares.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(shares.flat().slice(0, all.length)).toEqual(all);
      expect(shares.flat()).toHaveLength(Math.max(all.length, processes));
    }),
  );
});

test('each process gets a GPU of those that are visible, and more processes than GPUs are refused', async () => {
  expect(shareGpus(['0', '1', '2'], 2)).toEqual(['0', '1']);
  expect(shareGpus([], 2)).toBeNull();
  const shares = await shareMachine(2, { CUDA_VISIBLE_DEVICES: '3,GPU-5' });
  expect(shares.map(({ environment }) => environment.CUDA_VISIBLE_DEVICES)).toEqual(['3', 'GPU-5']);
  expect(shares[1]!.description).toMatch(/^GPU GPU-5 with /);
  await expect(shareMachine(2, { CUDA_VISIBLE_DEVICES: '3' })).rejects.toThrow(
    '--processes: expected at most 1, one for each GPU, got 2',
  );
});

test('without taskset the threads are shared', async () => {
  const { PATH } = process.env;
  process.env.PATH = '';
  try {
    const [first] = await shareMachine(1000, { CUDA_VISIBLE_DEVICES: '' });
    expect(first).toEqual({
      by: [],
      environment: { CUDA_VISIBLE_DEVICES: '', TF_NUM_INTRAOP_THREADS: '1' },
      description: '1 thread(s)',
    });
  } finally {
    process.env.PATH = PATH;
  }
});
