import { expect, test } from 'vitest';
import { colorColumns, drawColors } from './color-draws.ts';

const options = {
  ...{ seed: 1, epoch: 0, firstPosition: 0, rows: 20_000 },
  ...{ colorJitter: 0.4, pcaNoise: 0.1 },
};
const column = (draws: Float32Array, c: number) =>
  Array.from({ length: draws.length / colorColumns }, (_, row) => draws[row * colorColumns + c]!);
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

test('factors are uniform in [0.6, 1.4] and coefficients normal with deviation 0.1', () => {
  const draws = drawColors(options);
  for (const c of [0, 1, 2]) {
    const values = column(draws, c);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.fround(0.6));
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.fround(1.4));
    // Five standard errors of the mean and of the mean square of U[-0.4, 0.4].
    expect(Math.abs(mean(values) - 1)).toBeLessThan(0.0082);
    expect(Math.abs(mean(values.map((x) => (x - 1) ** 2)) - 0.16 / 3)).toBeLessThan(0.0017);
  }
  for (const c of [3, 4, 5]) {
    const values = column(draws, c);
    expect(Math.abs(mean(values))).toBeLessThan(0.0036);
    expect(Math.abs(mean(values.map((x) => x ** 2)) - 0.01)).toBeLessThan(0.0005);
    // A normal variable is within one deviation of its mean in 68.27 % of all draws.
    const near = values.filter((x) => Math.abs(x) < 0.1).length / values.length;
    expect(Math.abs(near - 0.6827)).toBeLessThan(0.017);
  }
});

test('the numbers of an image depend on seed, epoch and position alone', () => {
  const few = { ...options, rows: 8 };
  const whole = drawColors(few);
  const tail = drawColors({ ...few, firstPosition: 4, rows: 4 });
  expect(tail).toEqual(whole.slice(4 * colorColumns));
  expect(drawColors({ ...few, epoch: 1 })).not.toEqual(whole);
  expect(drawColors({ ...few, seed: 2 })).not.toEqual(whole);
});

test('amounts of zero leave the colours as they are', () => {
  const draws = drawColors({ ...options, rows: 3, colorJitter: 0, pcaNoise: 0 });
  expect([...draws].map(Math.abs)).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0]);
});
