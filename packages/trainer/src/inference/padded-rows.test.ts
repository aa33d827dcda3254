import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paddedRows } from './padded-rows.ts';

const shape = [1, 2, 1] as const;

/** A batch whose row r holds the pixels (r, r), and no image where `used` says so. */
function batchOf(used: readonly boolean[], first = 0) {
  const labels = Int32Array.from(used, (is) => (is ? 0 : -1));
  const indices = Int32Array.from(used, (is, row) => (is ? first + row : -1));
  const images = Uint8Array.from(used.flatMap((_, row) => [row, row]));
  return { images, labels, indices, size: used.filter(Boolean).length };
}

test('a full batch is taken as it is', () => {
  const batch = batchOf([true, true, true, true]);
  const { rows, indices } = paddedRows(batch, shape, 4);
  expect(rows.images).toBe(batch.images);
  expect(indices).toEqual([0, 1, 2, 3]);
});

test('empty rows fall out, and black ones fill up to a power of two', () => {
  const { rows, indices } = paddedRows(
    batchOf([true, false, true, true, false, false, false, false, false, false], 20),
    shape,
    10,
  );
  expect([...rows.images]).toEqual([0, 0, 2, 2, 3, 3, 0, 0]);
  expect([...rows.labels]).toEqual([-1, -1, -1, -1]);
  expect(indices).toEqual([20, 22, 23]);
});

test('there are few sizes, none beyond the batch size, and every image stays', () => {
  const sizes = new Set<number>();
  const used = fc
    .array(fc.boolean(), { minLength: 1, maxLength: 12 })
    .filter((u) => u.some(Boolean));
  fc.assert(
    fc.property(used, (rows) => {
      const padded = paddedRows(batchOf(rows), shape, 12);
      sizes.add(padded.rows.labels.length);
      padded.indices.forEach((index, row) => {
        expect(padded.rows.images[2 * row]).toBe(index);
      });
      expect(padded.indices).toHaveLength(rows.filter(Boolean).length);
    }),
  );
  for (const size of sizes) expect([1, 2, 4, 8, 12]).toContain(size);
});
