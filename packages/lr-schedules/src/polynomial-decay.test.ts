import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { polynomialDecay } from './index.ts';

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

test("equals PyTorch's PolynomialLR, also after its last step", () => {
  const schedule = polynomialDecay({ base: 0.3, steps: 12, power: 1.7 });
  golden.pytorch.polynomial.forEach((rate: number, step: number) => {
    expect(schedule(step)).toBeCloseTo(rate, 14);
  });
});

test('power 1, the default, is a straight line to the end, which is kept', () => {
  const rates = [0, 1, 2, 3, 4, 5].map(polynomialDecay({ base: 0.5, steps: 4, end: 0.1 }));
  [0.5, 0.4, 0.3, 0.2, 0.1, 0.1].forEach((rate, step) => {
    expect(rates[step]).toBeCloseTo(rate, 15);
  });
});

test('options out of range are refused', () => {
  const good = { base: 0.4, steps: 10 };
  for (const power of [0, -1, Number.NaN]) {
    expect(() => polynomialDecay({ ...good, power })).toThrow(/power to be a finite number > 0/);
  }
  expect(() => polynomialDecay({ ...good, steps: 0 })).toThrow(/steps/);
  expect(() => polynomialDecay({ ...good, base: -1 })).toThrow(/base/);
  expect(() => polynomialDecay({ ...good, end: 0.5 })).toThrow(/end/);
});
