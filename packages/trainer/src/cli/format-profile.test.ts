import { expect, test } from 'vitest';
import { formatProfile } from './format-profile.ts';

test('a profile is a table of the slowest ops with their shares, and a row for the others', () => {
  const ops = [
    { op: 'Conv2D', count: 21, milliseconds: 75 },
    { op: 'Mul', count: 300, milliseconds: 15 },
    { op: 'Add', count: 200, milliseconds: 8 },
    { op: 'Sub', count: 60, milliseconds: 2 },
  ];
  expect(
    formatProfile({ milliseconds: 60, ops, placement: { devices: {}, transfers: [] } }, 2),
  ).toEqual([
    'One training step: 60.0 ms; thread time by type of op:',
    'op              count         ms   share',
    'Conv2D             21      75.00  75.0 %',
    'Mul               300      15.00  15.0 %',
    '2 other types     260      10.00  10.0 %',
  ]);
});
