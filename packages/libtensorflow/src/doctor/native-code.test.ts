import { expect, test } from 'vitest';
import { nativeCodeFindings } from './native-code.ts';

test('nothing is said of koffi where it loads, and where it does not, why and what to do', () => {
  expect(nativeCodeFindings()).toEqual([]);
  const [finding] = nativeCodeFindings(() => {
    throw new Error('koffi: expected it to load, but: no rights. In Deno give the right.', {
      cause: new Error('no rights'),
    });
  });
  const expected = { status: 'fail', value: 'no rights', remedy: 'In Deno give the right.' };
  expect(finding).toMatchObject(expected);
});
