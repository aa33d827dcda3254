import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { names, someOf, wholeNumber, wholeNumbers } from './options.ts';

test('whole numbers have a least value', () => {
  expect(wholeNumber(3)('3')).toBe(3);
  for (const text of ['2', '3.5', 'x', '', ' ', 'Infinity', '-4']) {
    expect(() => wholeNumber(3)(text)).toThrow(InvalidArgumentError);
  }
});

test('lists have commas, and no empty entries', () => {
  expect(names('a, b')).toEqual(['a', 'b']);
  expect(wholeNumbers('16,32')).toEqual([16, 32]);
  expect(() => names('a,,b')).toThrow(InvalidArgumentError);
  expect(() => wholeNumbers('16,0')).toThrow(InvalidArgumentError);
});

test('some of several choices come in the order asked for', () => {
  expect(someOf(['train', 'eval'])('eval,train')).toEqual(['eval', 'train']);
  expect(() => someOf(['on', 'off'])('on,of')).toThrow(/on, off/);
});
