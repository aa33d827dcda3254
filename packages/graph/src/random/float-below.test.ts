import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatBelow } from './float-below.ts';

test.each([
  [1, 1 - 2 ** -24],
  [-1, -1 - 2 ** -23],
  [0, -(2 ** -149)],
  [0.1, 0.09999999403953552],
  [0.3, 0.29999998211860657],
  [16777217, 16777216],
])('below %f is %f', (x, expected) => expect(floatBelow(x)).toBe(expected));

test('it is a float32 below x, and none lies between', () => {
  const x = fc.double({ min: -1e30, max: 1e30, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(x, x.map(Math.fround)), (x) => {
      const below = floatBelow(x);
      expect(Math.fround(below)).toBe(below);
      expect(below).toBeLessThan(x);
      // What lies in the middle is rounded to one of the two, so there is none between.
      const middle = Math.fround(below / 2 + x / 2);
      expect(middle === below || middle >= x).toBe(true);
    }),
  );
});
