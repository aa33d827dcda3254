import { expect, test } from 'vitest';
import { epochOrder, usedImages } from './epoch-order.ts';

// From packages/random/fixtures/generate.py.
test.each([
  { seed: 42, epoch: 0, order: [8, 2, 0, 3, 1, 5, 7, 4, 9, 6] },
  { seed: 42, epoch: 1, order: [4, 8, 1, 5, 6, 9, 3, 0, 2, 7] },
  { seed: 7, epoch: 0, order: [5, 6, 7, 4, 0, 1, 3, 2, 8, 9] },
])('seed $seed gives epoch $epoch its order, in every version', ({ order, ...at }) => {
  const images = Int32Array.from({ length: 10 }, (_, i) => 100 + i);
  expect([...epochOrder(images, at)]).toEqual(order.map((place) => 100 + place));
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
