import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topClasses } from './top-k.ts';

const classNames = ['cat', 'dog', 'fox', 'owl'];

test('the most probable classes come first, and of equal ones the first', () => {
  expect(topClasses([0.1, 0.4, 0.1, 0.4], { count: 3, classNames })).toEqual([
    { index: 1, name: 'dog', probability: 0.4 },
    { index: 3, name: 'owl', probability: 0.4 },
    { index: 0, name: 'cat', probability: 0.1 },
  ]);
});

test('more than there are gives all', () => {
  expect(topClasses([0.1, 0.2, 0.3, 0.4], { count: 9, classNames })).toHaveLength(4);
});

test('no class that is left out is more probable than one that is not', () => {
  const probabilities = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(probabilities, fc.integer({ min: 1, max: 12 }), (values, count) => {
      const top = topClasses(values, { count, classNames: values.map(String) });
      const left = values.filter((_, index) => !top.some((one) => one.index === index));
      expect(top).toHaveLength(Math.min(count, values.length));
      expect(Math.max(0, ...left)).toBeLessThanOrEqual(top.at(-1)!.probability);
    }),
  );
});
