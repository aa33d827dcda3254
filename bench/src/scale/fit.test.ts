import { expect, test } from 'vitest';
import { fitExchange, nonNegativeLeastSquares } from './fit.ts';
import { allReduceMs, ringBytes } from './step-model.ts';

const exchange = { callMs: 0.3, hopMs: 0.2, byteMs: 2e-6, delays: 1.5, overhead: 1.1 };
const networks = [2, 3, 4].flatMap((processes) =>
  [null, 1e9, 2e8].flatMap((rate) =>
    [0, 2].map((delayMs) => ({ processes, link: { rate, delayMs } })),
  ),
);

test('the constants that all-reduces were made with are found', () => {
  const observations = networks.flatMap(({ processes, link }) =>
    [2 ** 12, 2 ** 20, 2 ** 23].map((bytes) => ({
      ...{ processes, link, bytes, ms: allReduceMs(bytes, processes, link, exchange) },
      cpuMs: 0.4 + 3e-6 * ringBytes(bytes, processes),
    })),
  );
  const fit = fitExchange(observations);
  for (const [name, value] of Object.entries(exchange)) {
    expect(fit.exchange[name as keyof typeof exchange] / value).toBeCloseTo(1, 6);
  }
  expect(fit.cpu.callMs).toBeCloseTo(0.4, 6);
  expect(fit.cpu.byteMs * 1e6).toBeCloseTo(3, 6);
  expect(fit.error.max).toBeLessThan(1e-6);
});

test('a coefficient that would be negative is left out', () => {
  const rows = [
    [1, 1],
    [1, 2],
    [1, 3],
  ];
  expect(nonNegativeLeastSquares(rows, [5, 7, 9])).toEqual([
    expect.closeTo(3, 9),
    expect.closeTo(2, 9),
  ]);
  const [constant, slope] = nonNegativeLeastSquares(rows, [9, 8, 7]);
  expect(slope).toBe(0);
  // The best of all constants by relative errors: the sum of 1/y over that of 1/y^2.
  const sum = (power: number) => [9, 8, 7].reduce((total, y) => total + y ** -power, 0);
  expect(constant).toBeCloseTo(sum(1) / sum(2), 9);
});
