import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixture } from '../../test/support/pictures.ts';
import { epochOrder, usedImages } from './epoch-order.ts';
import { seededRandom } from './seeded-random.ts';

interface Golden {
  readonly numbers: readonly { readonly parts: number[]; readonly numbers: number[] }[];
  readonly orders: readonly { size: number; seed: number; epoch: number; order: number[] }[];
}
const golden = fixture<Golden>('seeded-random.json');

test.each(golden.numbers)(
  'the numbers of $parts are those of sfc32, in every version',
  ({ parts, numbers }) => {
    const random = seededRandom(...parts);
    expect(numbers.map(() => random())).toEqual(numbers);
  },
);

test.each(golden.orders)(
  'seed $seed gives epoch $epoch its order, in every version',
  ({ size, order, ...at }) => {
    expect([
      ...epochOrder(
        Int32Array.from({ length: size }, (_, i) => i),
        at,
      ),
    ]).toEqual(order);
  },
);

test('equal parts give equal sequences, other parts others', () => {
  const first = (...parts: number[]) => {
    const random = seededRandom(...parts);
    return [random(), random(), random()];
  };
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 4 }), (parts) => {
      expect(first(...parts)).toEqual(first(...parts));
    }),
  );
  const keys = [
    [1, 2],
    [2, 1],
    [1, 2, 0],
    [2 ** 32 + 1, 2],
    [1, 3],
    [0, 1, 2],
  ].map((parts) => first(...parts).join());
  expect(new Set(keys).size).toBe(keys.length);
});

test('the first numbers of neighbouring seeds are uniform: a chi-squared test over 100 bins', () => {
  const bins = new Array<number>(100).fill(0);
  for (let index = 0; index < 100_000; index++) {
    bins[Math.floor(seededRandom(42, 0, 2, index)() * 100)]! += 1;
  }
  const chiSquared = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // 99 degrees of freedom: 0.1 % lie below 60.3 and 0.1 % above 148.2.
  expect(chiSquared).toBeGreaterThan(60.3);
  expect(chiSquared).toBeLessThan(148.2);
});

test('the first numbers of neighbouring indices are not correlated', () => {
  const count = 50_000;
  const numbers = Array.from({ length: count }, (_, index) => seededRandom(7, 1, 2, index)() - 0.5);
  const sum = numbers.slice(1).reduce((total, x, i) => total + x * numbers[i]!, 0);
  // The standard deviation of the correlation is 1 / sqrt(count) = 0.0045.
  expect(Math.abs((12 * sum) / count)).toBeLessThan(0.018);
});

test('draws every order of four equally often', () => {
  const counts = new Map<string, number>();
  for (let epoch = 0; epoch < 24_000; epoch++) {
    const order = epochOrder(Int32Array.of(0, 1, 2, 3), { seed: 3, epoch }).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  // 23 degrees of freedom: 0.1 % lie above 49.7.
  expect(chiSquared).toBeLessThan(49.7);
});

test('a limited choice is sorted, without repetition, and drawn from the whole', () => {
  const chosen = usedImages(1000, { limitSamples: 100, seed: 5 });
  expect([...chosen]).toEqual([...new Set(chosen)].sort((a, b) => a - b));
  expect(chosen).toHaveLength(100);
  const mean = chosen.reduce((sum, index) => sum + index, 0) / 100;
  expect(mean).toBeGreaterThan(400);
  expect(mean).toBeLessThan(600);
  expect(usedImages(5, { limitSamples: 9, seed: 5 })).toEqual(Int32Array.of(0, 1, 2, 3, 4));
});

test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the part %s', (part) => {
  expect(() => seededRandom(1, part)).toThrow(/^seededRandom: expected integers/);
});
