import { expect, test } from 'vitest';
import { constant } from './index.ts';

test('the rate is the same at every step', () => {
  expect([0, 1, 1e9].map(constant(0.1))).toEqual([0.1, 0.1, 0.1]);
});

test('a rate that is negative or not finite is refused by name and value', () => {
  expect(() => constant(-1)).toThrow(
    new RangeError(
      'constant: expected value to be a finite number >= 0, got -1. Pass a number in that range.',
    ),
  );
  expect(() => constant(Number.NaN)).toThrow(RangeError);
  expect(() => constant(Number.POSITIVE_INFINITY)).toThrow(RangeError);
});
