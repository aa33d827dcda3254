import { expect, test } from 'vitest';
import { explainCode, remedyFor } from './system-errors.ts';

const failure = (code: string) => Object.assign(new Error('no'), { code });

test('a code is said with its meaning, one that is not known alone, and an error without a code as it is', () => {
  expect(explainCode(failure('EFBIG'))).toBe('EFBIG (a file may not be that long here)');
  expect(explainCode(failure('EXYZ'))).toBe('EXYZ');
  expect(explainCode(new Error('no'))).toBe('Error: no');
});

test('on Windows a file that may not be written is most often open elsewhere, and that is said first', () => {
  for (const code of ['EACCES', 'EPERM', 'EBUSY']) {
    expect(remedyFor(failure(code), 'win32')).toMatch(/^Close the program that may have it open, /);
  }
  expect(remedyFor(failure('EACCES'), 'linux')).toMatch(/^Change its owner or mode, /);
  expect(remedyFor(failure('EBUSY'), 'linux')).toMatch(/^Close the program /);
  expect(remedyFor(failure('EIO'), 'win32')).toBe('Check the disk');
  expect(remedyFor(new Error('no'), 'win32')).toBeUndefined();
});
