import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  constant,
  cosineDecay,
  joinSchedules,
  linearWarmup,
  scaleLearningRate,
  stepDecay,
  withWarmup,
} from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

function expectCurve(schedule: (step: number) => number, rates: readonly number[]): void {
  expect(rates.length).toBeGreaterThan(0);
  rates.forEach((rate, step) => {
    expect(schedule(step)).toBeCloseTo(rate, 14);
  });
}

describe("the paper's curve at batch 1024 on ImageNet, 1,251 batches an epoch", () => {
  const peak = scaleLearningRate(0.1, { batchSize: 1024 });
  const warmup = 5 * 1251;
  const curve = (epochs: number) =>
    withWarmup(cosineDecay({ peak, steps: (epochs - 5) * 1251 }), { steps: warmup });

  test('batch 6,255 is the first at the peak of 0.4', () => {
    const schedule = curve(120);
    expect(schedule(0)).toBe(0.4 / 6255);
    expect(schedule(6253)).toBeLessThan(0.4);
    expect(schedule(6254)).toBe(0.4);
    expect(schedule(6255)).toBe(0.4);
    expect(schedule(6256)).toBeLessThan(0.4);
  });

  test.each([
    [120, 150_120],
    [200, 250_200],
  ])('%i epochs are %i batches, after which the rate is 0', (epochs, total) => {
    const schedule = curve(epochs);
    expect(schedule(total - 1)).toBeGreaterThan(0);
    expect(schedule(total - 1)).toBeLessThan(1e-10);
    expect(schedule(total)).toBe(0);
    expect(schedule(total + 1)).toBe(0);
    // T is odd: the middle lies between two batches.
    const middle = warmup + (total - warmup - 1) / 2;
    expect((schedule(middle) + schedule(middle + 1)) / 2).toBeCloseTo(0.2, 15);
    for (const [batch, rate] of golden.paper1024[epochs]) {
      expect(schedule(batch - 1)).toBeCloseTo(rate, 14);
    }
  });
});

test("equals gluon-cv's warmup before its cosine, which is shorter by one batch", () => {
  const cosine = cosineDecay({ peak: 0.4, steps: 20 - 1 });
  expectCurve(withWarmup(cosine, { steps: 5, form: 'gluon' }), golden.gluon.cosine);
});

test("equals gluon-cv's warmup before steps that count from its end", () => {
  const steps = stepDecay({ base: 0.4, boundaries: [7, 13] });
  expectCurve(withWarmup(steps, { steps: 5, form: 'gluon' }), golden.gluon.step);
});

test("timm's warmup that eats into T is a join with a cosine that has already run", () => {
  const cosine = cosineDecay({ peak: 0.4, steps: 20, end: 0.001 });
  const warmup = linearWarmup({ peak: 0.4, steps: 5 + 1, form: 'gluon' });
  expectCurve(
    joinSchedules([warmup, (step) => cosine(step + 5)], [5]),
    golden.timm.warmupInsideCosine,
  );
});

test("timm's warmup_prefix is a warmup one batch longer, left before its peak", () => {
  const cosine = cosineDecay({ peak: 0.4, steps: 20, end: 0.001 });
  const warmup = linearWarmup({ peak: 0.4, steps: 5 + 1, start: 0.05, form: 'gluon' });
  expectCurve(joinSchedules([warmup, cosine], [5]), golden.timm.warmupPrefix);
});

test('the peak is where the schedule starts, unless it is given', () => {
  expect(withWarmup(constant(0.3), { steps: 2 })(1)).toBe(0.3);
  const schedule = withWarmup(constant(0.3), { steps: 2, peak: 0.2, start: 0.1 });
  expect(schedule(0)).toBeCloseTo(0.15, 15);
  expect([1, 2].map(schedule)).toEqual([0.2, 0.3]);
});

test('a warmup of no batches is refused', () => {
  expect(() => withWarmup(constant(0.1), { steps: 0 })).toThrow(/steps to be an integer >= 1/);
});
