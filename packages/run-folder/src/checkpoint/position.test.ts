import { expect, test } from 'vitest';
import { afterStep, beginning, meansOf, nextEpoch } from './position.ts';

test('totals add up step by step; a skipped step counts as one, and not into the means', () => {
  const { totals, stepInEpoch } = [1, Number.NaN, 2, 3].reduce((position, loss) => {
    const skipped = Number.isNaN(loss);
    return afterStep(position, { loss, top1: 0.5, skipped, seconds: 0.25, dataSeconds: 0.125 });
  }, beginning);
  expect(stepInEpoch).toBe(4);
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

test('the next epoch begins at its first step and remembers the best and its weights', () => {
  const best = { top1: 80, epoch: 3 };
  const end = {
    ...afterStep(beginning, { loss: 1, top1: 1, skipped: false, seconds: 1, dataSeconds: 0 }),
    epoch: 3,
    best,
    weights: 'ema',
  };
  expect(nextEpoch(end)).toEqual({ ...beginning, epoch: 4, best, weights: 'ema' });
});
