import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cropAndFlip } from './augment.ts';

const sequence = (...values: number[]) => {
  let next = 0;
  return () => values[next++]!;
};
const source = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
const apply = (options: { cropPadding: number; flip: boolean; random: () => number }) => {
  const target = new Uint8Array(9).fill(77);
  cropAndFlip(source, target, { imageShape: [3, 3, 1], ...options });
  return [...target];
};

test('without padding and flip the image stays as it is', () => {
  expect(apply({ cropPadding: 0, flip: false, random: sequence(0.9, 0.9) })).toEqual([...source]);
});

test('a flip mirrors each row', () => {
  expect(apply({ cropPadding: 0, flip: true, random: sequence(0, 0, 0.49) })).toEqual([
    3, 2, 1, 6, 5, 4, 9, 8, 7,
  ]);
  expect(apply({ cropPadding: 0, flip: true, random: sequence(0, 0, 0.5) })).toEqual([...source]);
});

test('the smallest and the largest draw move the window by the padding, and what lies outside is zero', () => {
  expect(apply({ cropPadding: 1, flip: false, random: sequence(0, 0) })).toEqual([
    0, 0, 0, 0, 1, 2, 0, 4, 5,
  ]);
  expect(apply({ cropPadding: 1, flip: false, random: sequence(0.999, 0.999) })).toEqual([
    5, 6, 0, 8, 9, 0, 0, 0, 0,
  ]);
});

test('a flip applies to the cropped window', () => {
  expect(apply({ cropPadding: 1, flip: true, random: sequence(0, 0, 0) })).toEqual([
    0, 0, 0, 2, 1, 0, 5, 4, 0,
  ]);
});

test('every pixel keeps its channels together', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (draws) => {
      const image = Uint8Array.from({ length: 4 * 5 * 3 }, (_, i) => 1 + Math.floor(i / 3));
      const target = new Uint8Array(image.length);
      cropAndFlip(image, target, {
        imageShape: [4, 5, 3],
        cropPadding: 2,
        flip: true,
        random: () => draws.next().value as number,
      });
      for (let i = 0; i < target.length; i += 3) {
        expect(target[i + 1]).toBe(target[i]);
        expect(target[i + 2]).toBe(target[i]);
      }
    }),
  );
});
