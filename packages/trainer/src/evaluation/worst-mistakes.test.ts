import fc from 'fast-check';
import { expect, test } from 'vitest';
import { predictedClass, worstMistakes } from './worst-mistakes.ts';

const imageShape = [1, 1, 1] as const;

test('of equal probabilities the true class counts as predicted, else the first', () => {
  const equal = Float32Array.of(0.4, 0.1, 0.4, 0.1);
  expect(predictedClass(equal, 2)).toBe(2);
  expect(predictedClass(equal, 1)).toBe(0);
});

test('those are kept whose own class was least probable, the first of equal ones before others', () => {
  const shares = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(shares, (eighths) => {
      const worst = worstMistakes(5);
      const images = Uint8Array.from(eighths, (_, i) => i);
      const labels = new Int32Array(eighths.length);
      const batch = { images, labels, size: eighths.length };
      eighths.forEach((eighth, row) => {
        const probabilities = Float32Array.of(eighth / 16, 1 - eighth / 16);
        worst.add(batch, row, { probabilities, imageShape });
      });
      const expected = eighths
        .map((eighth, i) => ({ eighth, i }))
        .sort((a, b) => a.eighth - b.eighth || a.i - b.i)
        .slice(0, 5);
      expect(worst.kept.map(({ pixels }) => pixels[0])).toEqual(expected.map(({ i }) => i));
      expect(worst.kept.map((one) => 16 * one.ownProbability)).toEqual(
        expected.map(({ eighth }) => eighth),
      );
    }),
  );
});
