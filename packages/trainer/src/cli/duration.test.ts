import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';

test.each([
  ['90m', 5400],
  ['2h30m', 9000],
  ['1d12h', 129_600],
  ['45s', 45],
  ['1.5h', 5400],
])('%s is %d seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(['', '90', '0m', '0s', '-1h', '2h 30m', '30m2h', '1.2.3h', '.h', 'soon'])(
  "'%s' is refused",
  (text) => {
    expect(() => parseDuration(text)).toThrow(`longer than 0, such as 90m or 2h30m, got '${text}'`);
  },
);
