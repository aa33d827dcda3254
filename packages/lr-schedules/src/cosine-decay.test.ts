import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cosineDecay } from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

test("equals PyTorch's CosineAnnealingLR", () => {
  const schedule = cosineDecay({ peak: 0.3, steps: 12, end: 0.01 });
  golden.pytorch.cosine.forEach((rate: number, step: number) => {
    expect(schedule(step)).toBeCloseTo(rate, 14);
  });
});

test('the peak is exact at 0, half of it exact in the middle, and the end exact and kept', () => {
  const schedule = cosineDecay({ peak: 0.4, steps: 1000 });
  expect(schedule(0)).toBe(0.4);
  expect(schedule(500)).toBe(0.2);
  expect([1000, 1001, 1e9].map(schedule)).toEqual([0, 0, 0]);
  expect(cosineDecay({ peak: 0.4, steps: 7, end: 0.03 })(8)).toBe(0.03);
});

test('the curve mirrors around its middle', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.nat(1e6), (steps, any) => {
      const schedule = cosineDecay({ peak: 0.4, steps });
      const step = any % (steps + 1);
      expect(schedule(step) + schedule(steps - step)).toBeCloseTo(0.4, 12);
    }),
  );
});

test('options out of range are refused', () => {
  const good = { peak: 0.4, steps: 10 };
  expect(() => cosineDecay({ ...good, steps: 0 })).toThrow(
    new RangeError(
      'cosineDecay: expected steps to be an integer >= 1, got 0. Round it to a whole count first.',
    ),
  );
  expect(() => cosineDecay({ ...good, steps: 10.5 })).toThrow(RangeError);
  expect(() => cosineDecay({ ...good, peak: Number.NaN })).toThrow(/peak/);
  expect(() => cosineDecay({ ...good, end: 0.5 })).toThrow(/end .* between 0 and 0.4/);
  expect(() => cosineDecay({ ...good, end: -1 })).toThrow(/end/);
});
