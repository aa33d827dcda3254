import { expect, test } from 'vitest';
import { largestDifference, requireSameMathematics } from './check-losses.ts';

const reference = { losses: [2.9, 2.2, 1.8], runningVarianceSum: 684 };

test('rounding is no difference', () => {
  const rounded = { losses: [2.9, 2.2001, 1.8], runningVarianceSum: 684.01 };
  expect(largestDifference(reference, rounded)).toBeCloseTo(4.5e-5, 6);
  expect(() =>
    requireSameMathematics(
      { name: 'ours', result: reference },
      { name: 'theirs', result: rounded },
    ),
  ).not.toThrow();
});

test('another loss, other running statistics, another number of steps or NaN is one', () => {
  for (const result of [
    { ...reference, losses: [2.9, 2.2, 1.803] },
    { ...reference, runningVarianceSum: 685 },
    { ...reference, losses: [2.9, 2.2] },
    { ...reference, losses: [2.9, 2.2, Number.NaN] },
    { ...reference, losses: [2.9, 2.2, null as unknown as number] },
  ]) {
    expect(() =>
      requireSameMathematics({ name: 'ours', result: reference }, { name: 'theirs', result }),
    ).toThrow(/theirs does not compute what ours computes[\s\S]*2\.9, 2\.2, 1\.8/);
  }
});

test('results without losses were not checked', () => {
  const empty = { losses: [], runningVarianceSum: 1 };
  expect(largestDifference(empty, empty)).toBe(Number.POSITIVE_INFINITY);
});
