import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fakeSource } from '../../test/fake-loading.ts';
import { readImage } from './read-image.ts';

const { signal } = new AbortController();

test('a process that was suspended for longer than the limit gets its image all the same', async () => {
  const source = {
    ...fakeSource(1),
    read: async () => ({ kind: 'encoded', bytes: await readFile(import.meta.filename) }) as const,
  };
  const reading = readImage(source, 0, { timeoutMs: 400, signal });
  // No event comes meanwhile, as when the process is stopped.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  expect(await reading).toMatchObject({ kind: 'encoded' });
});

test('a read that never answers is an error after the limit', async () => {
  const source = { ...fakeSource(1), read: () => new Promise<never>(() => {}) };
  const start = performance.now();
  await expect(readImage(source, 0, { timeoutMs: 40, signal })).rejects.toThrow(/within 0\.04 s/);
  expect(performance.now() - start).toBeGreaterThan(35);
});
