import { expect, test } from 'vitest';
import { linearWarmup } from './index.ts';

const steps = [0, 1, 2, 3, 4, 5];

test('batch i of the paper has i/m of the peak, which then holds', () => {
  const rates = steps.map(linearWarmup({ peak: 0.8, steps: 4 }));
  [0.2, 0.4, 0.6, 0.8, 0.8, 0.8].forEach((rate, i) => {
    expect(rates[i]).toBeCloseTo(rate, 14);
  });
  expect(rates[3]).toBe(0.8);
});

test("gluon-cv's form starts at zero and is at the peak in the same batch", () => {
  const rates = steps.map(linearWarmup({ peak: 0.6, steps: 4, form: 'gluon' }));
  [0, 0.2, 0.4, 0.6, 0.6, 0.6].forEach((rate, i) => {
    expect(rates[i]).toBeCloseTo(rate, 14);
  });
  expect(rates[0]).toBe(0);
  expect(rates[3]).toBe(0.6);
});

test('a warmup of one batch is the peak at once', () => {
  expect(linearWarmup({ peak: 0.4, steps: 1 })(0)).toBe(0.4);
});

test('the line can start above zero', () => {
  const schedule = linearWarmup({ peak: 0.5, steps: 4, start: 0.1 });
  expect(schedule(0)).toBeCloseTo(0.2, 14);
  expect(schedule(3)).toBe(0.5);
  expect(linearWarmup({ peak: 0.5, steps: 5, start: 0.1, form: 'gluon' })(0)).toBe(0.1);
});

test('options out of range are refused', () => {
  const good = { peak: 0.4, steps: 10 };
  for (const steps of [0, -1, 2.5, Number.NaN]) {
    expect(() => linearWarmup({ ...good, steps })).toThrow(/steps to be an integer >= 1/);
  }
  expect(() => linearWarmup({ ...good, steps: 1, form: 'gluon' })).toThrow(
    /steps to be an integer >= 2/,
  );
  for (const peak of [0, -1, Number.POSITIVE_INFINITY]) {
    expect(() => linearWarmup({ ...good, peak })).toThrow(/peak to be a finite number > 0/);
  }
  expect(() => linearWarmup({ ...good, start: 0.5 })).toThrow(/start .* between 0 and 0.4/);
  // @ts-expect-error a form that does not exist
  expect(() => linearWarmup({ ...good, form: 'Paper' })).toThrow(TypeError);
});
