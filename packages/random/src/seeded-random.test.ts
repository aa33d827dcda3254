import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from './seeded-random.ts';

interface Golden {
  readonly numbers: readonly { readonly key: (number | string)[]; readonly numbers: number[] }[];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../fixtures/random.json', import.meta.url), 'utf8'),
);
const first = (...key: (number | string)[]) => {
  const random = seededRandom(...key);
  return [random(), random(), random()];
};

test.each(golden.numbers)(
  'the numbers of $key are those of sfc32, in every version',
  ({ key, numbers }) => {
    const random = seededRandom(...key);
    expect(numbers.map(() => random())).toEqual(numbers);
  },
);

test('equal keys give equal sequences', () => {
  const part = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (key) => {
      expect(first(...key)).toEqual(first(...key));
    }),
  );
});

test('order, length, high bits and type of the parts count', () => {
  const keys = [
    ...[
      [1, 2],
      [2, 1],
      [1, 2, 0],
      [2 ** 32 + 1, 2],
      [1, 3],
      [0, 1, 2],
      [-1, 2],
    ],
    ...[
      ['12'],
      ['1', '2'],
      [12],
      [1, '2'],
      ['1', 2],
      [49, 50],
      ['', '12'],
      ['12', ''],
      ['21'],
      ['', ''],
      [''],
    ],
  ].map((key) => first(...key).join());
  expect(new Set(keys).size).toBe(keys.length);
});

test('numbers are uniform: 100 equal bins of 100,000 draws pass a chi-squared test', () => {
  const random = seededRandom(11);
  expect(chiSquared(() => random())).toBeGreaterThan(60.3);
  expect(chiSquared(() => random())).toBeLessThan(148.2);
});

test('the first numbers of neighbouring keys are uniform', () => {
  expect(chiSquared((index) => seededRandom(42, 0, 2, index)())).toBeGreaterThan(60.3);
  expect(chiSquared((index) => seededRandom(42, 0, 2, index)())).toBeLessThan(148.2);
  expect(chiSquared((index) => seededRandom(`layer${index}`)())).toBeGreaterThan(60.3);
  expect(chiSquared((index) => seededRandom(`layer${index}`)())).toBeLessThan(148.2);
});

/** 99 degrees of freedom: 0.1 % lie below 60.3 and 0.1 % above 148.2. */
function chiSquared(draw: (index: number) => number): number {
  const bins = new Array<number>(100).fill(0);
  for (let index = 0; index < 100_000; index++) bins[Math.floor(draw(index) * 100)]! += 1;
  return bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
}

test('the first numbers of neighbouring keys are not correlated', () => {
  const count = 50_000;
  const numbers = Array.from({ length: count }, (_, index) => seededRandom(7, 1, 2, index)() - 0.5);
  const sum = numbers.slice(1).reduce((total, x, i) => total + x * numbers[i]!, 0);
  // The standard deviation of the correlation is 1 / sqrt(count) = 0.0045.
  expect(Math.abs((12 * sum) / count)).toBeLessThan(0.018);
});

test('the sequences of two similar keys are not correlated', () => {
  const [a, b] = [seededRandom(1, 'layer1.0'), seededRandom(1, 'layer1.1')];
  let sum = 0;
  for (let draw = 0; draw < 100_000; draw++) sum += (a() - 0.5) * (b() - 0.5);
  // The standard deviation of the correlation is 1 / sqrt(100,000) = 0.0032.
  expect(Math.abs((12 * sum) / 100_000)).toBeLessThan(0.013);
});

test.each([0.5, Number.NaN, Infinity, 2 ** 53])('refuses the number %s', (part) => {
  expect(() => seededRandom(1, part)).toThrow(/^seededRandom: expected integers .*, got/);
  expect(() => seededRandom(1, part)).toThrow(RangeError);
});

test('refuses an empty key and parts of other types', () => {
  expect(() => seededRandom()).toThrow(/^seededRandom: expected a key/);
  for (const part of [undefined, null, true, 3n]) {
    expect(() => seededRandom(part as never)).toThrow(TypeError);
  }
});
