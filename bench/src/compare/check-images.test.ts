import { expect, test } from 'vitest';
import { imageDifference, requireSameImages } from './check-images.ts';

const of = (name: string, ...imageMeans: number[]) => ({ name, result: { imageMeans } });
const ours = of('ours', 100, 120, 140);

test('in evaluation each image is the same but for rounding', () => {
  expect(() => requireSameImages(ours, of('theirs', 100.2, 119.5, 140), 'eval')).not.toThrow();
  expect(imageDifference(ours, of('theirs', 100.2, 119.5, 140), 'eval')).toBeCloseTo(0.5);
  for (const other of [
    of('theirs', 120, 100, 140),
    of('theirs', 100, 120),
    of('theirs', 100, 120, Number.NaN),
  ]) {
    expect(() => requireSameImages(ours, other, 'eval')).toThrow(
      /theirs does not make the images that ours makes/,
    );
  }
});

test('in training crops are random, and only all together are alike', () => {
  expect(() => requireSameImages(ours, of('theirs', 135, 110, 118), 'train')).not.toThrow();
  expect(() => requireSameImages(ours, of('theirs', 0.4, 0.5, 0.6), 'train')).toThrow(
    /119.5. of 255/,
  );
  expect(() => requireSameImages(of('a'), of('b'), 'train')).toThrow(/Infinity/);
  const many = (value: number) => of('many', ...new Array<number>(1600).fill(value));
  expect(() => requireSameImages(many(100), many(104), 'train')).not.toThrow();
  expect(() => requireSameImages(many(100), many(106), 'train')).toThrow(/allowed are 5.0/);
});
