import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dynamicLossScale, nextLossScale, nextLossScaleTensors } from './index.ts';

interface Case {
  name: string;
  init: number;
  growthInterval: number;
  growthFactor: number;
  backoffFactor: number;
  finite: boolean[];
  scales: number[];
  skipped: boolean[];
}
const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/pytorch-grad-scaler.json', import.meta.url), 'utf8'),
);
const outOfReach = { min: 1e-30, max: 1e30 };

beforeAll(() => tf.setBackend('cpu'));

describe('against PyTorch GradScaler', () => {
  test.each(cases)('the numbers take the same scales: $name', (c) => {
    const scale = dynamicLossScale({
      init: c.init,
      growthInterval: c.growthInterval,
      growthFactor: c.growthFactor,
      backoffFactor: c.backoffFactor,
      ...outOfReach,
    });
    const skipped = c.finite.map((finite, i) => {
      const before = scale.skippedSteps;
      scale.update(finite);
      expect(scale.value / c.scales[i]!).toBeCloseTo(1, 6);
      return scale.skippedSteps > before;
    });
    expect(skipped).toEqual(c.skipped);
  });

  test.each(cases)('the tensors take the same scales: $name', (c) => {
    tf.tidy(() => {
      let state = {
        scale: tf.scalar(c.init),
        goodSteps: tf.scalar(0),
        skippedSteps: tf.scalar(0),
      };
      c.finite.forEach((finite, i) => {
        state = nextLossScaleTensors(state, tf.scalar(finite, 'bool'), { ...c, ...outOfReach });
        expect(state.scale.dataSync()[0]! / c.scales[i]!).toBeCloseTo(1, 6);
      });
      expect(state.skippedSteps.dataSync()[0]).toBe(c.skipped.filter(Boolean).length);
    });
  });
});

describe('nextLossScale', () => {
  const rule = fc.record({
    growthInterval: fc.integer({ min: 1, max: 5 }),
    growthFactor: fc.constantFrom(1, 1.5, 2, 4),
    backoffFactor: fc.constantFrom(0.25, 0.5, 1),
    min: fc.constantFrom(0.5, 1, 16),
    max: fc.constantFrom(64, 1024, 2 ** 24),
  });

  test('stays between its bounds, whatever happens', () => {
    fc.assert(
      fc.property(rule, fc.array(fc.boolean(), { maxLength: 60 }), (options, pattern) => {
        let state = { scale: 32, goodSteps: 0, skippedSteps: 0 };
        for (const finite of pattern) {
          state = nextLossScale(state, finite, options);
          expect(state.scale).toBeGreaterThanOrEqual(options.min);
          expect(state.scale).toBeLessThanOrEqual(options.max);
          expect(state.goodSteps).toBeLessThan(options.growthInterval);
        }
        expect(state.skippedSteps).toBe(pattern.filter((finite) => !finite).length);
      }),
    );
  });

  test('numbers and tensors agree, bounds included', () => {
    fc.assert(
      fc.property(rule, fc.array(fc.boolean(), { maxLength: 30 }), (options, pattern) => {
        tf.tidy(() => {
          let numbers = { scale: 32, goodSteps: 0, skippedSteps: 0 };
          let tensors = {
            scale: tf.scalar(32),
            goodSteps: tf.scalar(0),
            skippedSteps: tf.scalar(0),
          };
          for (const finite of pattern) {
            numbers = nextLossScale(numbers, finite, options);
            tensors = nextLossScaleTensors(tensors, tf.scalar(finite, 'bool'), options);
          }
          for (const name of ['scale', 'goodSteps', 'skippedSteps'] as const) {
            expect(tensors[name].dataSync()[0]! / (numbers[name] || 1)).toBeCloseTo(
              numbers[name] && 1,
              5,
            );
          }
        });
      }),
      { numRuns: 50 },
    );
  });

  test('leaves the state it was given alone', () => {
    const state = Object.freeze({ scale: 1024, goodSteps: 1, skippedSteps: 3 });
    expect(nextLossScale(state, false)).toEqual({ scale: 512, goodSteps: 0, skippedSteps: 4 });
    expect(nextLossScale(state, true)).toEqual({ scale: 1024, goodSteps: 2, skippedSteps: 3 });
    expect(nextLossScale(state, true, { growthInterval: 2 })).toEqual({
      scale: 2048,
      goodSteps: 0,
      skippedSteps: 3,
    });
  });

  test.each([
    [{ growthInterval: 0 }, /growthInterval to be an integer >= 1, got 0/],
    [{ growthInterval: 1.5 }, /growthInterval to be an integer >= 1, got 1.5/],
    [{ growthFactor: 0.9 }, /growthFactor to be finite and >= 1, got 0.9/],
    [{ growthFactor: Number.POSITIVE_INFINITY }, /growthFactor .*got Infinity/],
    [{ backoffFactor: 0 }, /0 < backoffFactor <= 1, got 0/],
    [{ backoffFactor: Number.NaN }, /backoffFactor <= 1, got NaN/],
    [{ min: 0 }, /0 < min <= max, got min 0/],
    [{ min: 8, max: 4 }, /got min 8 and max 4/],
    [{ max: Number.NaN }, /max NaN/],
  ])('refuses the option %o', (options, message) => {
    const state = { scale: 4, goodSteps: 0, skippedSteps: 0 };
    expect(() => nextLossScale(state, true, options)).toThrow(RangeError);
    expect(() => nextLossScale(state, true, options)).toThrow(message);
    expect(() => dynamicLossScale({ init: 4, ...options })).toThrow(message);
  });

  test('refuses a state outside its bounds or without counts', () => {
    const good = { scale: 4, goodSteps: 0, skippedSteps: 0 };
    expect(() => nextLossScale({ ...good, scale: 0.5 }, true)).toThrow(
      'nextLossScale: expected a scale from 1 to 16777216, got 0.5.',
    );
    expect(() => nextLossScale({ ...good, scale: Number.NaN }, true)).toThrow(/got NaN/);
    expect(() => nextLossScale({ ...good, goodSteps: -1 }, true)).toThrow(/goodSteps .* got -1/);
    expect(() => nextLossScale({ ...good, skippedSteps: 0.5 }, true)).toThrow(/skippedSteps/);
  });

  test('the tensor form returns three tensors and leaves nothing behind', () => {
    const state = { scale: tf.scalar(8), goodSteps: tf.scalar(0), skippedSteps: tf.scalar(0) };
    const finite = tf.scalar(true, 'bool');
    const before = tf.memory().numTensors;
    const next = nextLossScaleTensors(state, finite);
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([state, finite, { ...next }]);
    expect(tf.memory().numTensors).toBe(before - 4);
  });
});
