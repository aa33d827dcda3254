import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  joinSchedules,
  linearWarmup,
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
} from './index.ts';

interface PlateauCase {
  name: string;
  options: ReduceOnPlateauOptions;
  steps: (ReduceOnPlateauState & { metric: number })[];
}
const golden: { plateau: PlateauCase[] } = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

describe("equals PyTorch's ReduceLROnPlateau, rate and counters after every metric", () => {
  test.each(golden.plateau)('$name', ({ options, steps }) => {
    const plateau = reduceOnPlateau(options);
    for (const { metric, ...state } of steps) {
      expect(plateau.update(metric)).toBeCloseTo(state.learningRate, 15);
      expect(plateau.getState()).toEqual({
        ...state,
        learningRate: expect.closeTo(state.learningRate, 15),
      });
    }
    expect(plateau.learningRate).toBeLessThan(options.base);
  });
});

test('a run that was saved as JSON and restored goes on as if it had not stopped', () => {
  const options: ReduceOnPlateauOptions = { base: 1, factor: 0.5, patience: 1, cooldown: 2 };
  const metrics = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { maxLength: 40 });
  fc.assert(
    fc.property(metrics, metrics, (before, after) => {
      const whole = reduceOnPlateau(options);
      const first = reduceOnPlateau(options);
      for (const metric of before) {
        whole.update(metric);
        first.update(metric);
      }
      const second = reduceOnPlateau(options);
      second.setState(JSON.parse(JSON.stringify(first.getState())));
      for (const metric of after) expect(second.update(metric)).toBe(whole.update(metric));
      expect(second.getState()).toEqual(whole.getState());
    }),
    { examples: [[[-0], []]] },
  );
});

test('a state that was given out does not change with later metrics', () => {
  const plateau = reduceOnPlateau({ base: 1 });
  const before = plateau.getState();
  plateau.update(3);
  expect(before).toEqual({ learningRate: 1, best: null, badMetrics: 0, cooldownLeft: 0 });
});

test('it composes with a warmup as a schedule that ignores the step', () => {
  const plateau = reduceOnPlateau({ base: 0.4, patience: 0, factor: 0.5 });
  const warmup = linearWarmup({ peak: 0.4, steps: 4 });
  const schedule = joinSchedules([warmup, () => plateau.learningRate], [4]);
  expect([3, 4, 100].map(schedule)).toEqual([0.4, 0.4, 0.4]);
  plateau.update(1);
  plateau.update(1);
  expect(schedule(101)).toBe(0.2);
});

test('a metric that is not a finite number is refused and changes nothing', () => {
  const plateau = reduceOnPlateau({ base: 1 });
  for (const metric of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => plateau.update(metric)).toThrow(/expected metric to be a finite number/);
  }
  expect(plateau.getState().best).toBeNull();
});

test('options and states out of range are refused', () => {
  const bad: Partial<ReduceOnPlateauOptions>[] = [
    { base: 0 },
    { factor: 1 },
    { factor: 0 },
    { patience: -1 },
    { patience: 1.5 },
    { threshold: -1e-4 },
    { cooldown: -1 },
    { end: 2 },
    { minimumChange: Number.NaN },
  ];
  for (const options of bad) {
    expect(() => reduceOnPlateau({ base: 1, ...options })).toThrow(RangeError);
  }
  // @ts-expect-error a mode that does not exist
  expect(() => reduceOnPlateau({ base: 1, mode: 'auto' })).toThrow(/mode to be one of min, max/);
  // @ts-expect-error PyTorch's word for it
  expect(() => reduceOnPlateau({ base: 1, thresholdMode: 'rel' })).toThrow(TypeError);

  const plateau = reduceOnPlateau({ base: 1 });
  const good = plateau.getState();
  for (const state of [
    { ...good, learningRate: -1 },
    { ...good, best: Number.NaN },
    { ...good, badMetrics: 0.5 },
    { ...good, cooldownLeft: -1 },
  ]) {
    expect(() => plateau.setState(state)).toThrow(RangeError);
  }
  expect(plateau.getState()).toEqual(good);
});
