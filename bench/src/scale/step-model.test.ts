import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allReduceMs, bucketsOf, ringBytes, stepMs } from './step-model.ts';

const free = { callMs: 0, hopMs: 0, byteMs: 0, delays: 1, overhead: 1 };
const gigabit = { rate: 1e9, delayMs: 0 };

test('a ring sends all but a share of the bytes, twice, and hops 2(N - 1) times', () => {
  expect(ringBytes(100, 1)).toBe(0);
  expect(ringBytes(100, 2)).toBe(100);
  expect(ringBytes(100, 4)).toBe(150);
  // 1 MB of 8 bits at 10^9 a second.
  expect(allReduceMs(1e6, 2, gigabit, free)).toBeCloseTo(8);
  expect(allReduceMs(1e6, 4, { rate: 1e9, delayMs: 3 }, free)).toBeCloseTo(12 + 6 * 3);
  const slow = { callMs: 1, hopMs: 2, byteMs: 1e-6, delays: 0.5, overhead: 1.5 };
  expect(allReduceMs(1e6, 2, { rate: 1e9, delayMs: 3 }, slow)).toBeCloseTo(1 + 4 + 3 + 12 + 1);
  expect(allReduceMs(1e6, 2, { rate: null, delayMs: 0 }, slow)).toBeCloseTo(1 + 4 + 1);
});

test('the gradient that fills a bucket closes it', () => {
  const gradients = [3, 5, 4, 9, 1].map((bytes) => ({ bytes, share: bytes / 22 }));
  expect(bucketsOf(gradients, 8)).toEqual([
    { bytes: 8, share: 8 / 22 },
    { bytes: 13, share: 4 / 22 + 9 / 22 },
    { bytes: 1, share: 1 / 22 },
  ]);
});

test('what is exchanged beside the backward pass costs nothing, and what comes after it is waited for', () => {
  // The backward pass is the last 20 of 30 ms; the buckets are there after 25 and 30 ms and take 4 ms each.
  const gradients = [
    { bytes: 5e5, share: 0.75 },
    { bytes: 5e5, share: 0.25 },
  ];
  const step = { computeMs: 30, gradients, statisticsBytes: 0, bucketBytes: 1 };
  expect(stepMs(step, 2, gigabit, free)).toBeCloseTo(34);
  expect(stepMs({ ...step, wireBytes: 2 }, 2, gigabit, free)).toBeCloseTo(32);
  expect(stepMs({ ...step, bucketBytes: 1e6 }, 2, gigabit, free)).toBeCloseTo(38);
  // 12 ms from the end of the forward pass on are over when the first bucket is there, 20 ms are not.
  expect(stepMs({ ...step, statisticsBytes: 1.5e6 }, 2, gigabit, free)).toBeCloseTo(34);
  expect(stepMs({ ...step, statisticsBytes: 2.5e6 }, 2, gigabit, free)).toBeCloseTo(38);
  const stealing = (callMs: number) => ({ ...step, stolen: { callMs, byteMs: 1e-6 } });
  expect(stepMs(stealing(0.5), 2, gigabit, free)).toBeCloseTo(34);
  expect(stepMs(stealing(2), 2, gigabit, free)).toBeCloseTo(30 + 3 * 2 + 1);
  expect(stepMs(step, 1, gigabit, free)).toBe(30);
});

test('a step is never shorter with more processes, or over a slower link', () => {
  const gradients = Array.from({ length: 9 }, (_, i) => ({ bytes: 1e5 * (i + 1), share: 1 / 9 }));
  const exchange = { callMs: 0.1, hopMs: 0.2, byteMs: 1e-6, delays: 1, overhead: 1.1 };
  const sizes = fc.integer({ min: 1, max: 64 });
  const rates = fc.integer({ min: 1e6, max: 1e11 });
  fc.assert(
    fc.property(
      sizes,
      rates,
      fc.double({ min: 0, max: 50, noNaN: true }),
      (size, rate, delayMs) => {
        const step = { computeMs: 100, gradients, statisticsBytes: 1e5 };
        const time = stepMs(step, size, { rate, delayMs }, exchange);
        expect(time).toBeGreaterThanOrEqual(100);
        expect(stepMs(step, size + 1, { rate, delayMs }, exchange)).toBeGreaterThanOrEqual(time);
        expect(stepMs(step, size, { rate: rate / 2, delayMs }, exchange)).toBeGreaterThanOrEqual(
          time,
        );
      },
    ),
  );
});
