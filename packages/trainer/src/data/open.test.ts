import { expect, test } from 'vitest';
import { stepsInEpoch } from './open.ts';

test('an epoch has the steps that all processes together can fill', () => {
  const steps = { batchSize: 4, stepsPerEpoch: null };
  expect(stepsInEpoch({ trainSize: 23 }, steps)).toBe(5);
  expect(stepsInEpoch({ trainSize: 23, worldSize: 2 }, steps)).toBe(2);
  expect(stepsInEpoch({ trainSize: 23 }, { ...steps, stepsPerEpoch: 9 })).toBe(9);
  expect(() => stepsInEpoch({ trainSize: 7, worldSize: 2 }, steps)).toThrow(
    /at most the 7 training images that are used by 2 processes, got 4. Lower --batch-size or leave it and --config out/,
  );
  expect(() => stepsInEpoch({ trainSize: 3 }, { ...steps, limitSamples: 3 })).toThrow(
    'Lower --batch-size, raise --limit-samples, or leave it',
  );
});
