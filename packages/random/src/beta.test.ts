import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleBeta } from './beta.ts';
import { seededRandom } from './seeded-random.ts';

interface Golden {
  a: number;
  b: number;
  mean: number;
  variance: number;
  excessKurtosis: number;
  places: number[];
  cdf: number[];
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../fixtures/beta.json', import.meta.url), 'utf8'),
);
const DRAWS = 40_000;

function draw(a: number, b: number): Float64Array {
  const random = seededRandom(2024);
  return Float64Array.from({ length: DRAWS }, () => sampleBeta(a, b, random)).sort();
}

/** How many of the sorted numbers are <= place. */
function countUpTo(sorted: Float64Array, place: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

test.each(golden)('Beta($a, $b) has the distribution that scipy gives', ({ a, b, places, cdf }) => {
  const sorted = draw(a, b);
  const gaps = places.map((place, i) => Math.abs(countUpTo(sorted, place) / DRAWS - cdf[i]!));
  // Kolmogorov and Smirnov: a right sampler exceeds 1.95 / sqrt(n) with probability 0.001.
  expect(Math.max(...gaps)).toBeLessThan(1.95 / Math.sqrt(DRAWS));
});

test.each(golden)('Beta($a, $b) has the mean $mean and the variance $variance', (law) => {
  const sample = draw(law.a, law.b);
  const mean = sample.reduce((sum, x) => sum + x, 0) / DRAWS;
  const variance = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / DRAWS;
  // Four standard errors each; that of the variance follows from the fourth moment.
  expect(Math.abs(mean - law.mean)).toBeLessThan(4 * Math.sqrt(law.variance / DRAWS));
  const relativeError = Math.sqrt((law.excessKurtosis + 2) / DRAWS);
  expect(Math.abs(variance / law.variance - 1)).toBeLessThan(4 * relativeError);
});

test("the paper's Beta(0.2, 0.2) has mean 0.5 and variance 0.1786", () => {
  const law = golden.find(({ a, b }) => a === 0.2 && b === 0.2)!;
  expect(law.mean).toBeCloseTo(0.5, 12);
  expect(law.variance).toBeCloseTo(0.1786, 4);
});

test('never leaves [0, 1] and is never NaN, over the whole range of shapes', () => {
  const shape = fc.double({ min: -300, max: 9, noNaN: true }).map((exponent) => 10 ** exponent);
  fc.assert(
    fc.property(shape, shape, fc.maxSafeNat(), (a, b, seed) => {
      const x = sampleBeta(Math.max(a, 1e-300), Math.min(b, 1e9), seededRandom(seed));
      expect(x >= 0 && x <= 1).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('with shapes of 1e-300 the draw is 0 or 1, each half of the time', () => {
  const random = seededRandom(9);
  const draws = Array.from({ length: 10_000 }, () => sampleBeta(1e-300, 1e-300, random));
  expect(draws.every((x) => x === 0 || x === 1)).toBe(true);
  const ones = draws.filter((x) => x === 1).length;
  expect(Math.abs(ones - 5000)).toBeLessThan(4 * 50);
});

test('the same seed draws the same numbers', () => {
  const one = seededRandom(77);
  const two = seededRandom(77);
  for (let i = 0; i < 100; i++) expect(sampleBeta(0.2, 0.2, one)).toBe(sampleBeta(0.2, 0.2, two));
});

test('survives a generator that only returns its smallest or its largest number', () => {
  for (const u of [0, 1 - 2 ** -53]) {
    for (const shape of [1e-300, 1e-3, 0.2, 1, 50, 1e9]) {
      const x = sampleBeta(shape, shape, () => u);
      expect(x).toBe(0.5);
    }
  }
});

test.each([0, -1, 1e-301, 2e9, Number.NaN, Infinity])('refuses the shape %s', (shape) => {
  const random = seededRandom(0);
  expect(() => sampleBeta(shape, 1, random)).toThrow(/^sampleBeta: expected a to be a number from/);
  expect(() => sampleBeta(1, shape, random)).toThrow(/^sampleBeta: expected b to be a number from/);
});

test('refuses generators that return other than [0, 1) or are none', () => {
  expect(() => sampleBeta(1, 1, () => 1)).toThrow(RangeError);
  expect(() => sampleBeta(1, 1, () => Number.NaN)).toThrow(RangeError);
  expect(() => sampleBeta(1, 1, undefined as never)).toThrow(/expected random to be a function/);
});

test('a generator that never leads to acceptance ends in an error, not in a hang', () => {
  // Far in the lower tail of the normal (radius 8.6, angle pi), where 1 + c x is negative.
  const draws = [1 - 2 ** -53, 0.5, 0.5];
  let i = 0;
  expect(() => sampleBeta(1, 1, () => draws[i++ % 3]!)).toThrow(/1000 proposals in a row/);
});
