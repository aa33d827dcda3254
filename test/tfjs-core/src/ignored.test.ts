import { expect, test } from 'vitest';
import { ignored } from './ignored.ts';
import { readTfjsNodeIgnored } from './tfjs-node-ignored.ts';

const tests = ignored.flatMap((entry) => entry.tests);

test('tfjs-node ignores each test that we ignore', () => {
  const theirs = readTfjsNodeIgnored();
  expect(theirs.length).toBeGreaterThan(50);
  expect(tests.filter((name) => !theirs.some((part) => name.includes(part)))).toEqual([]);
});

test('no test is ignored twice, and each for a reason', () => {
  expect(new Set(tests).size).toBe(tests.length);
  for (const { reason } of ignored) expect(reason.length).toBeGreaterThan(20);
});
