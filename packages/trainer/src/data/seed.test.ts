import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveSeed } from './seed.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/seeds.json', import.meta.url), 'utf8'),
) as { parts: number[]; seed: number }[];

test.each(golden)('the seed of $parts is the same in every version', ({ parts, seed }) => {
  expect(deriveSeed(...parts)).toBe(seed);
});

test('a seed is a 32-bit unsigned integer that depends on every part and on their order', () => {
  const part = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(part, part, part, (a, b, c) => {
      const seed = deriveSeed(a, b, c);
      expect(seed).toBe(seed >>> 0);
      if (a !== b) expect(deriveSeed(b, a, c)).not.toBe(seed);
    }),
  );
});

test('neighbouring numbers do not collide', () => {
  const seeds = new Set<number>();
  for (let epoch = 0; epoch < 30; epoch++) {
    for (let index = 0; index < 2000; index++) seeds.add(deriveSeed(42, epoch, 2, index));
  }
  // 60,000 draws from 2^32 collide 0.4 times on average.
  expect(seeds.size).toBeGreaterThan(59_990);
});
