import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growingCurves } from './curves.ts';

test('as long as they fit, every row is a point', () => {
  const curves = growingCurves(4);
  curves.add(1, { loss: 3, lr: 0.1 });
  curves.add(2, { loss: null, lr: Number.NaN });
  curves.add(3, { loss: 5, gradNorm: 2 });
  expect(curves.x).toEqual([1, 2, 3]);
  expect(curves.names).toEqual(['loss', 'lr', 'gradNorm']);
  expect(curves.curve('loss').mean).toEqual([3, null, 5]);
  expect(curves.curve('lr').max).toEqual([0.1, null, null]);
  expect(curves.curve('gradNorm').min).toEqual([null, null, 2]);
});

test('a point stands for twice as many rows each time that there would be too many', () => {
  const curves = growingCurves(4);
  for (const loss of [1, 3, 5, 7, 10]) curves.add(loss, { loss });
  expect(curves.rowsInPoint).toBe(2);
  expect(curves.curve('loss')).toEqual({ mean: [2, 6, 10], min: [1, 5, 10], max: [3, 7, 10] });
  expect(curves.x).toEqual([2, 6, 10]);
  for (const loss of [12, 20, 22, 30]) curves.add(loss, { loss });
  expect(curves.rowsInPoint).toBe(4);
  expect(curves.curve('loss').mean).toEqual([4, 16, 30]);
});

test('points are bounded in number, and are means and extremes of the rows that they stand for', () => {
  const value = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
      const curves = growingCurves(8);
      values.forEach((loss, i) => {
        curves.add(i, { loss });
        expect(curves.x.length).toBeLessThanOrEqual(8);
      });
      const { rowsInPoint } = curves;
      const { mean, min, max } = curves.curve('loss');
      expect(mean).toHaveLength(Math.ceil(values.length / rowsInPoint));
      mean.forEach((got, i) => {
        const there = values
          .slice(i * rowsInPoint, (i + 1) * rowsInPoint)
          .filter((one) => one !== null);
        if (there.length === 0) expect([got, min[i], max[i]]).toEqual([null, null, null]);
        else {
          expect(got).toBeCloseTo(there.reduce((a, b) => a + b, 0) / there.length, 9);
          expect([min[i], max[i]]).toEqual([Math.min(...there), Math.max(...there)]);
        }
      });
    }),
  );
});
