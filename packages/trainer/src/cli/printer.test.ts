import { expect, test } from 'vitest';
import { wrapped } from './printer.ts';

test('a line that a terminal has no columns for is broken at spaces, and no word is', () => {
  const line = 'Traced in 0.2 s; the run will take about 0.8 GB of memory';
  expect(wrapped(line, 30)).toEqual([
    'Traced in 0.2 s; the run will',
    '  take about 0.8 GB of memory',
  ]);
  expect(wrapped(line, 57)).toEqual([line]);
  expect(wrapped('Run folder: /a/path/that/is/long', 12)).toEqual([
    'Run folder:',
    '  /a/path/that/is/long',
  ]);
  expect(wrapped('  indented', 80)).toEqual(['  indented']);
  expect(wrapped('', 80)).toEqual(['']);
});
