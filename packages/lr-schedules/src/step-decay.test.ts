import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stepDecay } from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

test("equals PyTorch's MultiStepLR", () => {
  const schedule = stepDecay({ base: 0.1, boundaries: [5, 9, 14], factor: 0.2 });
  golden.pytorch.multiStep.forEach((rate: number, step: number) => {
    expect(schedule(step)).toBeCloseTo(rate, 15);
  });
});

test("the paper's baseline divides by ten at epochs 30, 60 and 90", () => {
  const epoch = 5004;
  const schedule = stepDecay({ base: 0.1, boundaries: [30 * epoch, 60 * epoch, 90 * epoch] });
  expect(schedule(0)).toBe(0.1);
  expect(schedule(30 * epoch - 1)).toBe(0.1);
  expect(schedule(30 * epoch)).toBeCloseTo(0.01, 16);
  expect(schedule(60 * epoch)).toBeCloseTo(0.001, 16);
  expect(schedule(90 * epoch)).toBeCloseTo(0.0001, 16);
  expect(schedule(1e9)).toBe(schedule(90 * epoch));
});

test('later changes of the given list change nothing', () => {
  const boundaries = [5];
  const schedule = stepDecay({ base: 0.1, boundaries });
  boundaries[0] = 1;
  expect(schedule(4)).toBe(0.1);
});

test('options out of range are refused', () => {
  const good = { base: 0.1, boundaries: [5, 9] };
  expect(() => stepDecay({ ...good, boundaries: [] })).toThrow(/at least one boundary/);
  expect(() => stepDecay({ ...good, boundaries: [9, 5] })).toThrow(/increase, got 5 after 9/);
  expect(() => stepDecay({ ...good, boundaries: [5, 5] })).toThrow(/increase/);
  expect(() => stepDecay({ ...good, boundaries: [0] })).toThrow(/boundaries\[0\] .* >= 1/);
  expect(() => stepDecay({ ...good, boundaries: [2.5] })).toThrow(RangeError);
  for (const factor of [0, 1, 10, -0.1, Number.NaN]) {
    expect(() => stepDecay({ ...good, factor })).toThrow(/factor to be between 0 and 1/);
  }
  expect(() => stepDecay({ ...good, base: 0 })).toThrow(/base to be a finite number > 0/);
});
