import { readFileSync } from 'node:fs';
import { seededRandom } from '@bag-of-tricks/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Box, sampleBox } from './box.ts';

interface Golden {
  height: number;
  width: number;
  lambda: number;
  uniforms: number[];
  box: Box;
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../fixtures/cutmix.json', import.meta.url), 'utf8'),
).boxes;

test("equals timm's box for the same uniform numbers, 200 sizes and lambdas", () => {
  expect(golden).toHaveLength(200);
  for (const { height, width, lambda, uniforms, box } of golden) {
    const left = [...uniforms];
    expect(sampleBox({ height, width, lambda, random: () => left.shift()! })).toEqual(box);
    expect(left).toEqual([]);
  }
});

test('lies in the image and is never larger than 1 - lambda of it', () => {
  const size = fc.integer({ min: 1, max: 500 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(size, size, share, fc.maxSafeNat(), (height, width, lambda, seed) => {
      const box = sampleBox({ height, width, lambda, random: seededRandom(seed) });
      expect(0 <= box.top && box.top <= box.bottom && box.bottom <= height).toBe(true);
      expect(0 <= box.left && box.left <= box.right && box.right <= width).toBe(true);
      const area = (box.bottom - box.top) * (box.right - box.left);
      expect(area).toBeLessThanOrEqual((1 - lambda) * height * width * (1 + 1e-12));
    }),
  );
});

test('is empty at lambda 1', () => {
  const { top, bottom, left, right } = sampleBox({
    height: 9,
    width: 9,
    lambda: 1,
    random: seededRandom(1),
  });
  expect((bottom - top) * (right - left)).toBe(0);
});

test.each([0, -3, 2.5, Number.NaN])('refuses the size %s', (size) => {
  const random = seededRandom(0);
  expect(() => sampleBox({ height: size, width: 4, lambda: 0.5, random })).toThrow(
    /expected height to be/,
  );
  expect(() => sampleBox({ height: 4, width: size, lambda: 0.5, random })).toThrow(
    /expected width to be/,
  );
});

test.each([-0.1, 1.1, Number.NaN])('refuses lambda %s', (lambda) => {
  expect(() => sampleBox({ height: 4, width: 4, lambda, random: seededRandom(0) })).toThrow(
    /^sampleBox: expected lambda to be a number from 0 to 1/,
  );
});
