import { expect, test } from 'vitest';
import { guardParts } from './guard.ts';

test('that a trick skips steps itself, or needs images, reaches the run', () => {
  const parts = { skips: true, needsImages: true };
  expect(guardParts('scaling', parts)).toEqual(parts);
  expect(guardParts('plain', {})).toEqual({});
});
