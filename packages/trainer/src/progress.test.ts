import { expect, test } from 'vitest';
import { addStep, drawLambda, meansOf, noTotals } from './progress.ts';

const config = { seed: 7, epochs: 10, mixup: { alpha: 0.2, lastEpochsOff: 2 } };

test('lambda depends on seed, epoch and step alone', () => {
  const draws = [0, 1, 2].map((step) => drawLambda(config, 3, step));
  expect([0, 1, 2].map((step) => drawLambda(config, 3, step))).toEqual(draws);
  expect(new Set(draws).size).toBe(3);
  expect(drawLambda({ ...config, seed: 8 }, 3, 0)).not.toBe(draws[0]);
});

test('lambda follows Beta(0.2, 0.2): mean 0.5, variance 0.1786', () => {
  const draws = Array.from({ length: 20_000 }, (_, step) => drawLambda(config, 0, step));
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  // Five standard errors of the mean and of the variance at this sample size.
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
  expect(Math.abs(variance - 0.1786)).toBeLessThan(0.004);
});

test('without mixup, and in the last epochs where it is off, lambda is 1', () => {
  expect(drawLambda({ ...config, mixup: null }, 0, 0)).toBe(1);
  expect(drawLambda(config, 8, 0)).toBe(1);
  expect(drawLambda(config, 7, 0)).not.toBe(1);
});

test('totals add up step by step; a skipped step counts as one, and not into the means', () => {
  const totals = [1, Number.NaN, 2, 3].reduce((sum, loss) => {
    const skipped = Number.isNaN(loss);
    return addStep(sum, { loss, top1: 0.5, skipped, seconds: 0.25, dataSeconds: 0.125 });
  }, noTotals);
  expect(totals).toEqual({
    steps: 4,
    lossSum: 6,
    top1Sum: 1.5,
    skipped: 1,
    seconds: 1,
    dataSeconds: 0.5,
  });
  expect(meansOf(totals)).toEqual({ loss: 2, top1: 0.5 });
});
