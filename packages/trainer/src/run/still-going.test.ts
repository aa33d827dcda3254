import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stillGoing } from './still-going.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = (seconds: number, fail = false) =>
  new Promise<string>((resolve, reject) =>
    setTimeout(() => (fail ? reject(new Error('no memory')) : resolve('done')), 1000 * seconds),
  );

test('long work gives signs of life until it ends, short work none', async () => {
  const lines: string[] = [];
  const long = stillGoing('Step 1', after(47), (line) => lines.push(line));
  const short = stillGoing('Step 2', after(9), (line) => lines.push(line));
  await vi.advanceTimersByTimeAsync(100_000);
  expect([await long, await short]).toEqual(['done', 'done']);
  expect(lines).toEqual([10, 20, 30, 40].map((seconds) => `Step 1 goes on, ${seconds} s so far`));
});

test('nothing is said of work that has failed', async () => {
  const lines: string[] = [];
  const failing = stillGoing('Step 1', after(15, true), (line) => lines.push(line));
  const rejected = expect(failing).rejects.toThrow('no memory');
  await vi.advanceTimersByTimeAsync(100_000);
  await rejected;
  expect(lines).toHaveLength(1);
});
