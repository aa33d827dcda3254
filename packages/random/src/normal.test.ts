import { expect, test } from 'vitest';
import { sampleNormal } from './normal.ts';
import { seededRandom } from './seeded-random.ts';

test('has the moments and the shares of the standard normal distribution', () => {
  const random = seededRandom(3);
  const count = 100_000;
  const draws = Array.from({ length: count }, () => sampleNormal(random));
  const moment = (power: number) => draws.reduce((sum, x) => sum + x ** power, 0) / count;
  // Four standard errors: the variances of x, x^2, x^3 and x^4 are 1, 2, 15 and 96.
  expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / count));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / count));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
  for (const [within, share] of [
    [1, 0.6827],
    [2, 0.9545],
  ] as const) {
    expect(draws.filter((x) => Math.abs(x) < within).length / count).toBeCloseTo(share, 2);
  }
  expect(Math.max(...draws)).toBeGreaterThan(3.5);
});

test.each([0, 0.5, 1 - 2 ** -53])('is finite for a generator that returns only %s', (u) => {
  expect(sampleNormal(() => u)).toSatisfy(Number.isFinite);
});

test('follows the formula', () => {
  const draws = [1 - Math.exp(-2), 0.5];
  expect(sampleNormal(() => draws.shift()!)).toBeCloseTo(-2, 12);
  expect(draws).toEqual([]);
});

test('refuses a generator that returns other than [0, 1), or is none', () => {
  expect(() => sampleNormal(() => 1)).toThrow(RangeError);
  expect(() => sampleNormal(() => Number.NaN)).toThrow(/^sampleNormal: expected random\(\)/);
  expect(() => sampleNormal(undefined as never)).toThrow(/expected random to be a function/);
});
