import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { constant, cosineDecay, cosineRestarts, joinSchedules } from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

test("equals PyTorch's CosineAnnealingWarmRestarts", () => {
  const schedule = cosineRestarts({ peak: 0.3, steps: 5, multiplier: 2, end: 0.02 });
  golden.pytorch.restarts.forEach((rate: number, step: number) => {
    expect(schedule(step)).toBeCloseTo(rate, 14);
  });
});

test("equals timm's CosineLRScheduler with cycles that grow and peaks that fall", () => {
  const schedule = cosineRestarts({ peak: 0.4, steps: 8, multiplier: 1.5, decay: 0.5 });
  golden.timm.restarts.forEach((rate: number, step: number) => {
    expect(schedule(step)).toBeCloseTo(rate, 14);
  });
});

test('equal cycles repeat the cosine, without limit', () => {
  const schedule = cosineRestarts({ peak: 0.4, steps: 7 });
  const cycle = cosineDecay({ peak: 0.4, steps: 7 });
  for (const start of [0, 7, 700, 7e9]) {
    for (let t = 0; t < 7; t++) expect(schedule(start + t)).toBe(cycle(t));
  }
});

test('restarts lie exactly on the sum of the cycles, where a logarithm would round', () => {
  const schedule = cosineRestarts({ peak: 0.4, steps: 3, multiplier: 3 });
  let start = 0;
  for (let length = 3; length < 1e9; length *= 3) {
    expect(schedule(start)).toBe(0.4);
    if (start > 0) expect(schedule(start - 1)).toBeLessThan(0.2);
    start += length;
  }
});

test('no peak falls below the end, and joinSchedules stops the cycles', () => {
  const schedule = cosineRestarts({ peak: 0.4, steps: 4, decay: 0.1, end: 0.1 });
  expect([4, 5, 6, 7].map(schedule)).toEqual([0.1, 0.1, 0.1, 0.1]);
  expect(joinSchedules([schedule, constant(0)], [8])(8)).toBe(0);
});

test('options out of range are refused', () => {
  const good = { peak: 0.4, steps: 10 };
  expect(() => cosineRestarts({ ...good, multiplier: 0.5 })).toThrow(/multiplier .* >= 1/);
  for (const decay of [0, 1.1, Number.NaN]) {
    expect(() => cosineRestarts({ ...good, decay })).toThrow(/decay/);
  }
  expect(() => cosineRestarts({ ...good, steps: 0 })).toThrow(/steps/);
  expect(() => cosineRestarts({ ...good, peak: 0 })).toThrow(/peak/);
  expect(() => cosineRestarts({ ...good, end: 1 })).toThrow(/end/);
});
