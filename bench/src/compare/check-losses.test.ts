import { expect, test } from 'vitest';
import type { Precision } from '../contestants/precision.ts';
import {
  type Checked,
  largestDifference,
  requirePrecision,
  requireSameMathematics,
} from './check-losses.ts';

const reference = { losses: [2.9, 2.2, 1.8], runningVarianceSum: 684 };
const ours = { name: 'ours', precision: 'float32', result: reference } as const;
const theirs = (result: Checked, precision: Precision = 'float32') => ({
  name: 'theirs',
  precision,
  result,
});

test('rounding is no difference', () => {
  const rounded = { losses: [2.9, 2.2001, 1.8], runningVarianceSum: 684.01 };
  expect(largestDifference(reference, rounded)).toBeCloseTo(4.5e-5, 6);
  expect(() => requireSameMathematics(ours, theirs(rounded))).not.toThrow();
});

test('another loss, other running statistics, another number of steps or NaN is one', () => {
  for (const result of [
    { ...reference, losses: [2.9, 2.2, 1.803] },
    { ...reference, runningVarianceSum: 685 },
    { ...reference, losses: [2.9, 2.2] },
    { ...reference, losses: [2.9, 2.2, Number.NaN] },
    { ...reference, losses: [2.9, 2.2, null as unknown as number] },
  ]) {
    expect(() => requireSameMathematics(ours, theirs(result))).toThrow(
      /theirs does not compute what ours computes[\s\S]*2\.9, 2\.2, 1\.8/,
    );
  }
});

test('results without losses were not checked', () => {
  const empty = { losses: [], runningVarianceSum: 1 };
  expect(largestDifference(empty, empty)).toBe(Number.POSITIVE_INFINITY);
});

test('low precision may lie further apart, but not anywhere', () => {
  const near = { ...reference, losses: [2.92, 2.21, 1.79] };
  const far = { ...reference, losses: [2.92, 2.21, 1.7] };
  expect(() => requireSameMathematics(ours, theirs(near, 'bfloat16'))).not.toThrow();
  expect(() => requireSameMathematics(theirs(near, 'float16'), ours)).not.toThrow();
  expect(() => requireSameMathematics(ours, theirs(near))).toThrow(/allowed are 0.001/);
  expect(() => requireSameMathematics(ours, theirs(far, 'bfloat16'))).toThrow(/allowed are 0.01/);
});

test('who computes in another type than it says is not compared', () => {
  const contestant = { name: 'graph-bfloat16', precision: 'bfloat16' } as const;
  const seen = (computesIn: Precision | 'mixed' | null) => () =>
    requirePrecision(contestant, { computesIn, matrixOps: { 'Conv2D float32': 3 } });
  expect(seen('bfloat16')).not.toThrow();
  expect(seen(null)).not.toThrow();
  expect(seen('float32')).toThrow(
    /compute in bfloat16 and was seen to compute in float32.*\n.*Conv2D/,
  );
  expect(seen('mixed')).toThrow(/mixed/);
});
