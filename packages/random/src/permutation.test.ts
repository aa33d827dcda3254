import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permutation } from './permutation.ts';
import { seededRandom } from './seeded-random.ts';

interface Golden {
  readonly orders: readonly { size: number; key: number[]; order: number[] }[];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../fixtures/random.json', import.meta.url), 'utf8'),
);

test.each(golden.orders)(
  'the order of $size by $key is the same in every version',
  ({ size, key, order }) => {
    expect([...permutation(size, seededRandom(...key))]).toEqual(order);
  },
);

test('holds each of 0 to size - 1 once, for any size and seed; a count takes the first ones', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.maxSafeNat(), fc.nat(200), (size, seed, some) => {
      const order = permutation(size, seededRandom(seed));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      const count = Math.min(some, size);
      const random = seededRandom(seed);
      expect(permutation(size, random, { count })).toEqual(order.slice(0, count));
    }),
  );
});

test('draws each of the 24 orders of four equally often', () => {
  const random = seededRandom(5);
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = permutation(4, random).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  // 23 degrees of freedom: 0.1 % lie above 49.7.
  expect(chiSquared).toBeLessThan(49.7);
});

test('follows Fisher and Yates step by step', () => {
  // Swaps 0 with floor(0.5 * 4) = 2, then 1 with 1 + floor(0.99 * 3) = 3, then 2 with 2 + floor(0 * 2) = 2.
  const draws = [0.5, 0.99, 0, 0];
  expect([...permutation(4, () => draws.shift()!)]).toEqual([2, 3, 0, 1]);
  expect(draws).toEqual([]);
});

test.each([-1, 1.5, Number.NaN, Infinity])('refuses the size and the count %s', (size) => {
  const random = seededRandom(0);
  expect(() => permutation(size, random)).toThrow(
    /^permutation: expected size to be an integer from 0 to 2147483647/,
  );
  expect(() => permutation(4, random, { count: size })).toThrow(
    /^permutation: expected count to be an integer from 0 to 4/,
  );
  expect(() => permutation(4, random, { count: 5 })).toThrow(/expected count/);
});

test.each([1, -0.1, Number.NaN])('refuses a generator that returns %s', (u) => {
  expect(() => permutation(3, () => u)).toThrow(/^permutation: expected random\(\) to return/);
});
