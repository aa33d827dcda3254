import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldBatchNorm } from './fold-batch-norm.ts';

const pairOf = (min: number) => {
  const number = fc.double({ min, max: 8, noNaN: true });
  return fc.tuple(number, number);
};
const layer = fc.record({
  ...{ first: pairOf(-8), second: pairOf(-8), x: pairOf(-8) },
  ...{ gamma: pairOf(-8), beta: pairOf(-8), mean: pairOf(-8), variance: pairOf(0) },
});

test('one convolution does what two channels of a convolution and a batch norm do', () => {
  fc.assert(
    fc.property(layer, ({ first, second, x, ...norm }) => {
      const { gamma, beta, mean, variance } = norm;
      const { kernel, bias } = foldBatchNorm([...first, ...second], { ...norm, epsilon: 1e-3 });
      for (const [c, [a, b]] of [first, second].entries()) {
        const scale = gamma[c]! / Math.sqrt(variance[c]! + 1e-3);
        const expected = scale * (a * x[0] + b * x[1] - mean[c]!) + beta[c]!;
        const folded = kernel[2 * c]! * x[0] + kernel[2 * c + 1]! * x[1] + bias[c]!;
        // Float32 rounds terms that may be far larger than their sum.
        const terms = Math.abs(scale) * (128 + 8) + 8;
        expect(Math.abs(folded - expected)).toBeLessThan(2e-7 * terms);
      }
    }),
  );
});
