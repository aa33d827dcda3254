import { expect, test } from 'vitest';
import { withRest } from './profile.ts';

const ops = [
  { op: 'Conv2D', count: 3, milliseconds: 9 },
  { op: 'Relu', count: 2, milliseconds: 2 },
  { op: 'AddV2', count: 5, milliseconds: 1 },
];

test('types beyond the shown ones are summed, so that nothing is lost', () => {
  expect(withRest(ops, 1)).toEqual([ops[0], { op: '2 other types', count: 7, milliseconds: 3 }]);
  expect(withRest(ops, 3)).toEqual(ops);
});
