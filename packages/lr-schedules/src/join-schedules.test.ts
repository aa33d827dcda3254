import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { constant, cosineDecay, joinSchedules } from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

test("equals PyTorch's SequentialLR", () => {
  const schedule = joinSchedules([constant(0.2), cosineDecay({ peak: 0.2, steps: 12 })], [7]);
  golden.pytorch.sequential.forEach((rate: number, step: number) => {
    expect(schedule(step)).toBeCloseTo(rate, 14);
  });
});

test('each schedule starts at its own step 0 on its boundary', () => {
  const own = (offset: number) => (step: number) => offset + step;
  const schedule = joinSchedules([own(0), own(100), own(200)], [2, 5]);
  expect([0, 1, 2, 3, 4, 5, 6].map(schedule)).toEqual([0, 1, 100, 101, 102, 200, 201]);
});

test('one schedule without a boundary is itself', () => {
  expect(joinSchedules([constant(0.3)], [])(10)).toBe(0.3);
});

test('counts and boundaries that do not fit are refused', () => {
  const one = constant(0.1);
  expect(() => joinSchedules([], [])).toThrow(/got 0 schedules and 0 boundaries/);
  expect(() => joinSchedules([one, one], [])).toThrow(/got 2 schedules and 0 boundaries/);
  expect(() => joinSchedules([one, one, one], [5, 5])).toThrow(/increase/);
  expect(() => joinSchedules([one, one], [0])).toThrow(/>= 1/);
});
