import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permutation } from './permutation.ts';
import { createRandom } from './random.ts';

test('holds each of 0 to n - 1 once, for any n and seed', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.maxSafeNat(), (n, seed) => {
      const order = permutation(n, createRandom(seed));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }),
  );
});

test('draws each of the 24 orders of four equally often', () => {
  const random = createRandom(5);
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
  // Swap 3 with floor(0.5 * 4) = 2, then 2 with floor(0 * 3) = 0, then 1 with floor(0.99 * 2) = 1.
  const draws = [0.5, 0, 0.99];
  expect([...permutation(4, () => draws.shift()!)]).toEqual([3, 1, 0, 2]);
  expect(draws).toEqual([]);
});

test.each([-1, 1.5, Number.NaN, Infinity])('refuses n = %s', (n) => {
  expect(() => permutation(n, createRandom(0))).toThrow(
    /^permutation: expected n to be an integer/,
  );
});

test.each([1, -0.1, Number.NaN])('refuses a generator that returns %s', (u) => {
  expect(() => permutation(3, () => u)).toThrow(/^permutation: expected random\(\) to return/);
});
