import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from './random.ts';

interface Golden {
  seed: number;
  state: number[];
  numbers: number[];
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../fixtures/random.json', import.meta.url), 'utf8'),
);

test.each(golden)(
  'seed $seed gives the reference state and numbers',
  ({ seed, state, numbers }) => {
    const random = createRandom(seed);
    expect(random.state()).toEqual(state);
    expect(numbers.map(() => random())).toEqual(numbers);
  },
);

test('the words are those published with xoshiro128** for the state 1, 2, 3, 4', () => {
  const random = createRandom(0);
  random.restore([1, 2, 3, 4]);
  const published = [11520, 0, 5927040, 70819200, 2031721883, 1637235492];
  const pairs = [0, 2, 4].map((i) => [published[i]!, published[i + 1]!] as const);
  for (const [high, low] of pairs) {
    expect(random()).toBe(((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53);
  }
});

test('a state that went through JSON continues the sequence, in another generator too', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(50), (seed, skipped) => {
      const random = createRandom(seed);
      for (let i = 0; i < skipped; i++) random();
      const saved = JSON.parse(JSON.stringify(random.state()));
      const expected = Array.from({ length: 5 }, random);
      const other = createRandom(0);
      other.restore(saved);
      expect(Array.from({ length: 5 }, other)).toEqual(expected);
      random.restore(saved);
      expect(Array.from({ length: 5 }, random)).toEqual(expected);
    }),
  );
});

test('a state is a copy: drawing does not change it', () => {
  const random = createRandom(3);
  const saved = random.state();
  const before = [...saved];
  random();
  expect(saved).toEqual(before);
  expect(random.state()).not.toEqual(before);
});

test('numbers are uniform: 100 equal bins of 100,000 draws pass a chi-squared test', () => {
  const random = createRandom(11);
  const bins = new Array<number>(100).fill(0);
  for (let i = 0; i < 100_000; i++) bins[Math.floor(random() * 100)]!++;
  const chiSquared = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // 99 degrees of freedom: 0.1 % lie below 60.3 and 0.1 % above 148.2.
  expect(chiSquared).toBeGreaterThan(60.3);
  expect(chiSquared).toBeLessThan(148.2);
});

test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])('refuses the seed %s', (seed) => {
  expect(() => createRandom(seed)).toThrow(/^createRandom: expected seed to be an integer/);
});

test.each([
  [[0, 0, 0, 0]],
  [[1, 2, 3]],
  [[1, 2, 3, -1]],
  [[1, 2, 3, 2 ** 32]],
  [[1, 2, 3, 0.5]],
  [null],
])('refuses the state %j', (state) => {
  expect(() => createRandom(0).restore(state as number[])).toThrow(
    /^restore: expected four integers/,
  );
});
