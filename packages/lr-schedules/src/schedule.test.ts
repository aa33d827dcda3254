import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  constant,
  cosineDecay,
  cosineRestarts,
  joinSchedules,
  linearWarmup,
  polynomialDecay,
  type Schedule,
  stepDecay,
  withWarmup,
} from './index.ts';

interface Shape {
  low: number;
  high: number;
  steps: number;
}
const families: Record<string, { make: (shape: Shape) => Schedule; direction?: -1 | 1 }> = {
  constant: { make: ({ high }) => constant(high), direction: 1 },
  linearWarmup: {
    make: ({ low, high, steps }) => linearWarmup({ start: low, peak: high, steps }),
    direction: 1,
  },
  linearWarmupGluon: {
    make: ({ low, high, steps }) =>
      linearWarmup({ start: low, peak: high, steps: steps + 1, form: 'gluon' }),
    direction: 1,
  },
  stepDecay: {
    make: ({ high, steps }) => stepDecay({ base: high, boundaries: [steps, 2 * steps] }),
    direction: -1,
  },
  cosineDecay: {
    make: ({ low, high, steps }) => cosineDecay({ peak: high, end: low, steps }),
    direction: -1,
  },
  polynomialDecay: {
    make: ({ low, high, steps }) => polynomialDecay({ base: high, end: low, steps, power: 2.5 }),
    direction: -1,
  },
  cosineRestarts: {
    make: ({ low, high, steps }) =>
      cosineRestarts({ peak: high, end: low, steps, multiplier: 1.3, decay: 0.9 }),
  },
  joinSchedules: {
    make: ({ low, high, steps }) => joinSchedules([constant(low), constant(high)], [steps]),
    direction: 1,
  },
  withWarmup: {
    make: ({ low, high, steps }) =>
      withWarmup(cosineDecay({ peak: high, end: low, steps }), { steps }),
  },
};

const shapes = fc
  .record({
    high: fc.double({ min: 1e-6, max: 100, noNaN: true }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    steps: fc.integer({ min: 1, max: 100_000 }),
  })
  .map(({ high, part, steps }): Shape => ({ high, low: high * part, steps }));
const anyStep = fc.oneof(fc.nat(10), fc.nat(300_000), fc.nat(Number.MAX_SAFE_INTEGER - 1));

describe.each(Object.entries(families))('%s', (name, { make, direction }) => {
  test('stays between zero and its highest rate, and returns the same every time', () => {
    fc.assert(
      fc.property(shapes, anyStep, (shape, step) => {
        const schedule = make(shape);
        const rate = schedule(step);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(shape.high * (1 + 1e-12));
        expect(schedule(step)).toBe(rate);
      }),
    );
  });

  if (direction) {
    test('goes in one direction only', () => {
      fc.assert(
        fc.property(shapes, anyStep, (shape, step) => {
          const schedule = make(shape);
          const change = direction * (schedule(step + 1) - schedule(step));
          expect(change).toBeGreaterThanOrEqual(-shape.high * 1e-12);
        }),
      );
    });
  }

  test('refuses a step that is not an integer >= 0', () => {
    const schedule = make({ low: 0.1, high: 1, steps: 10 });
    const part = name.replace('Gluon', '').replace('withWarmup', 'joinSchedules');
    for (const step of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => schedule(step)).toThrow(
        `${part}: expected step to be an integer >= 0, got ${step}`,
      );
    }
  });
});

test('warmup and cosine meet without a jump larger than one warmup step', () => {
  fc.assert(
    fc.property(shapes, ({ high, steps }) => {
      const schedule = withWarmup(cosineDecay({ peak: high, steps: 1000 }), { steps });
      const jump = Math.abs(schedule(steps) - schedule(steps - 1));
      expect(jump).toBeLessThanOrEqual(high * 1e-12);
    }),
  );
});
