import { expect, test } from 'vitest';
import { guardParts } from './guard.ts';

test('that a trick skips steps itself reaches the run', () => {
  expect(guardParts('scaling', { skips: true })).toEqual({ skips: true });
  expect(guardParts('plain', {})).toEqual({});
});
