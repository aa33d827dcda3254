import { expect, test } from 'vitest';
import { explainCode } from './system-errors.ts';

test('a code is said with its meaning, one that is not known alone, and an error without a code as it is', () => {
  const failure = (code: string) => Object.assign(new Error('no'), { code });
  expect(explainCode(failure('EFBIG'))).toBe('EFBIG (a file may not be that long here)');
  expect(explainCode(failure('EXYZ'))).toBe('EXYZ');
  expect(explainCode(new Error('no'))).toBe('Error: no');
});
