import type { NamedParts } from '@bag-of-tricks/train-step';
import { expect, test } from 'vitest';
import { checkLogNames } from './log-columns.ts';

/** Checks a trick of each of the given parts: a, b, ... */
const check = (...parts: Omit<NamedParts, 'name'>[]) =>
  checkLogNames(parts.map((one, i) => ({ name: 'abc'[i]!, ...one })));

test('columns and weights of two tricks, or of a trick and of every run, are told apart', () => {
  const column = (names: { jsonl?: string; csv?: string }) => ({
    columns: [{ value: 'x', ...names }],
  });
  const weights = (name: string) => ({ weights: { name, exchange() {} } });
  for (const key of ['jsonl', 'csv'] as const) {
    expect(() => check(column({ [key]: 'x' }), column({ [key]: 'x' }))).toThrow(
      /tricks a and b: expected columns of .* got 'x' twice/,
    );
    expect(() => check(column({ [key]: 'epoch' }))).toThrow(/trick a: .* got 'epoch'/);
  }
  expect(() => check(weights('ema'), column({ csv: 'ema_top1' }))).toThrow(/'ema_top1'/);
  expect(() => check(weights('w'), weights('w'))).toThrow(
    /tricks a and b: expected weights of different names, got 'w' twice/,
  );
  expect(() => check(weights('v'), weights('w'), column({ csv: 'x', jsonl: 'x' }))).not.toThrow();
});
