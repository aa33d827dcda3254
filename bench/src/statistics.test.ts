import { expect, test } from 'vitest';
import { mean, median, relativeDifference, spreadOf } from './statistics.ts';

test('the median is the middle value, or the mean of the two middle ones', () => {
  expect(median([5, 1, 100])).toBe(5);
  expect(median([4, 1, 3, 100])).toBe(3.5);
  expect(median([7])).toBe(7);
});

test('the median of numbers sorts by value, not by spelling, and leaves its input alone', () => {
  const values = [10, 9, 100];
  expect(median(values)).toBe(10);
  expect(values).toEqual([10, 9, 100]);
});

test('there is no median of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('a mean takes arrays of all kinds, and none that is empty', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(mean(Uint8Array.of(250, 255))).toBe(252.5);
  expect(() => mean([])).toThrow(RangeError);
});

test('a spread names the extremes', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});

test('a relative difference is a share of the larger magnitude', () => {
  expect(relativeDifference(1, 1.25)).toBeCloseTo(0.2);
  expect(relativeDifference(-4, -5)).toBeCloseTo(0.2);
  expect(relativeDifference(0, 0)).toBe(0);
  expect(relativeDifference(0, 1)).toBe(1);
  expect(relativeDifference(Number.NaN, 1)).toBeNaN();
});
