import { expect, test } from 'vitest';
import { type NamedArrays, parseArrays, serializeArrays } from './arrays.ts';

test('float32 and int32 arrays come back from a file as Node reads it', () => {
  const arrays: NamedArrays = {
    first: { shape: [3], data: Float32Array.of(1, 2, 3) },
    count: { shape: [], data: Int32Array.of(-7) },
    table: { shape: [2, 2], data: Int32Array.of(1, 2, 3, 2 ** 31 - 1) },
  };
  expect(parseArrays(Buffer.from(serializeArrays(arrays, { format: 'tfjs' })))).toEqual(arrays);
});
