import { expect, test } from 'vitest';
import { foreignShare, parseCoreTimes } from './foreign-load.ts';

test('busy is all but idle and waiting for a disk; stolen time is busy, a guest is not counted twice', () => {
  const times = parseCoreTimes('cpu  100 10 20 800 50 3 7 10 99 9\ncpu0 1 2 3 4 5 6 7 8 9 10\n');
  expect(times).toEqual({ total: 10_000, busy: 1500 });
});

test('text of another kind is not a reading', () => {
  expect(parseCoreTimes('')).toBeNull();
  expect(parseCoreTimes('cpu  1 2 x 4 5 6 7 8')).toBeNull();
});

test('what is neither idle nor ours is foreign', () => {
  const before = { total: 1000, busy: 200 };
  expect(foreignShare(before, { total: 3000, busy: 1700 }, 1400)).toBeCloseTo(0.05);
  expect(foreignShare(before, { total: 3000, busy: 1500 }, 1400)).toBe(0);
  expect(foreignShare(before, before, 0)).toBeNull();
  expect(foreignShare(null, before, 0)).toBeNull();
});
