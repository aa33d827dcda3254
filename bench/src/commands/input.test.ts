import { expect, test } from 'vitest';
import { ratiosOf } from './input.ts';

const ratio = (median: number) => ({
  over: 'torchvision-2',
  median,
  min: median,
  max: median,
  target: 1,
  reached: true,
});

test('ratios are found by the kind of input; what was not compared is missing', () => {
  expect(
    ratiosOf([
      { transform: 'train', antialias: false, ratio: ratio(1.6) },
      { transform: 'train', antialias: true, ratio: ratio(1.3) },
      { transform: 'eval', antialias: false, ratio: null },
      { transform: 'eval', antialias: true, ratio: ratio(1.2) },
    ]),
  ).toEqual({
    train: { plain: ratio(1.6), antialias: ratio(1.3) },
    eval: { antialias: ratio(1.2) },
  });
});
