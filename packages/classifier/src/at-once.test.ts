import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { atOnce } from './at-once.ts';

test('so many are under way at any time, and results are in the order of the items', async () => {
  let underWay = 0;
  const seen: number[] = [];
  const results = await atOnce([30, 1, 1, 20, 1], 2, async (milliseconds) => {
    underWay += 1;
    seen.push(underWay);
    await delay(milliseconds);
    underWay -= 1;
    return 2 * milliseconds;
  });
  expect(results).toEqual([60, 2, 2, 40, 2]);
  expect(Math.max(...seen)).toBe(2);
});

test('after a failure none is begun', async () => {
  const begun: number[] = [];
  const failing = atOnce([0, 1, 2, 3], 1, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('this one');
  });
  await expect(failing).rejects.toThrow('this one');
  expect(begun).toEqual([0, 1]);
});
