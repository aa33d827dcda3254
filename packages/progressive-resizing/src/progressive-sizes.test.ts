import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ProgressiveResizingOptions, progressiveSize, progressiveStages } from './index.ts';

const golden: { cases: (Required<ProgressiveResizingOptions> & { sizes: number[] })[] } =
  JSON.parse(readFileSync(new URL('../fixtures/composer.json', import.meta.url), 'utf8'));

const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyOptions = fc
  .record({
    from: fc.integer({ min: 1, max: 512 }),
    growth: fc.integer({ min: 0, max: 512 }),
    epochs: fc.integer({ min: 1, max: 200 }),
    delayFraction: share,
    rest: share,
    sizeIncrement: fc.integer({ min: 1, max: 64 }),
  })
  .map(({ growth, rest, ...options }) => ({
    ...options,
    to: options.from + growth,
    finetuneFraction: rest * (1 - options.delayFraction),
  }));

const sizesOf = (options: ProgressiveResizingOptions) =>
  Array.from({ length: options.epochs }, (_, epoch) => progressiveSize(epoch, options));

describe('progressiveSize', () => {
  test.each(golden.cases)(
    'is Composer’s from $from to $to px in $epochs epochs, delay $delayFraction, finetune $finetuneFraction',
    ({ sizes, ...options }) => {
      expect(sizesOf(options)).toEqual(sizes);
    },
  );

  test('never shrinks, stays between its ends, and is a multiple wherever it is neither', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const sizes = sizesOf(options);
        for (const [epoch, size] of sizes.entries()) {
          expect(size).toBeGreaterThanOrEqual(sizes[epoch - 1] ?? options.from);
          expect(size).toBeLessThanOrEqual(options.to);
          const isEnd = size === options.from || size === options.to;
          expect(isEnd || size % options.sizeIncrement === 0).toBe(true);
        }
      }),
    );
  });

  test('is exactly from while it waits and exactly to while it finetunes, whatever the increment', () => {
    const options = { from: 50, to: 111, epochs: 20, delayFraction: 0.25, finetuneFraction: 0.25 };
    const sizes = sizesOf(options);
    expect(sizes.slice(0, 6)).toEqual([50, 50, 50, 50, 50, 50]);
    expect(sizes.slice(15)).toEqual([111, 111, 111, 111, 111]);
    expect(new Set(sizes.slice(6, 15))).toEqual(new Set([64, 96]));
    expect(progressiveSize(1000, options)).toBe(111);
  });

  test('without a delay and without a finetune it is a ramp that begins at from', () => {
    const options = { from: 64, to: 128, delayFraction: 0, finetuneFraction: 0, sizeIncrement: 16 };
    expect(sizesOf({ ...options, epochs: 4 })).toEqual([64, 80, 96, 112]);
    expect(progressiveSize(4, { ...options, epochs: 4 })).toBe(128);
  });

  test('with nothing between delay and finetune it is one jump', () => {
    const options = { from: 64, to: 128, epochs: 4, delayFraction: 0.5, finetuneFraction: 0.5 };
    expect(sizesOf(options)).toEqual([64, 64, 128, 128]);
  });
});

describe('progressiveStages', () => {
  test('cover every epoch once, with the size of each, and no size twice', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const stages = progressiveStages(options);
        const sizes = stages.flatMap(({ size, begin, end }) => new Array(end - begin).fill(size));
        expect(sizes).toEqual(sizesOf(options));
        expect(stages[0]!.begin).toBe(0);
        expect(new Set(stages.map(({ size }) => size)).size).toBe(stages.length);
      }),
    );
  });

  test('are few: one trace each for a graph', () => {
    expect(progressiveStages({ from: 128, to: 224, epochs: 120 }).map(({ size }) => size)).toEqual([
      128, 160, 192, 224,
    ]);
  });

  test('are one stage when the size does not change', () => {
    expect(progressiveStages({ from: 32, to: 32, epochs: 3 })).toEqual([
      { size: 32, begin: 0, end: 3 },
    ]);
  });
});

describe('refuses', () => {
  const good = { from: 128, to: 224, epochs: 10 };

  test.each([
    [{ from: 0 }, /from to be an integer >= 1, got 0/],
    [{ to: 224.5 }, /to to be an integer >= 1, got 224.5/],
    [{ from: 256 }, /from <= to, got 256 and 224/],
    [{ epochs: Number.NaN }, /epochs to be an integer >= 1, got NaN/],
    [{ sizeIncrement: 0 }, /sizeIncrement to be an integer >= 1, got 0/],
    [{ delayFraction: -0.1 }, /delayFraction to be from 0 to 1, got -0.1/],
    [{ finetuneFraction: Number.NaN }, /finetuneFraction to be from 0 to 1, got NaN/],
    [{ delayFraction: 0.7, finetuneFraction: 0.4 }, /<= 1, got 0.7 and 0.4/],
  ])('%o', (change, message) => {
    for (const call of [progressiveStages, (options: typeof good) => progressiveSize(0, options)]) {
      expect(() => call({ ...good, ...change })).toThrow(RangeError);
      expect(() => call({ ...good, ...change })).toThrow(message);
    }
  });

  test.each([-1, 0.5, Number.NaN])('the epoch %d', (epoch) => {
    expect(() => progressiveSize(epoch, good)).toThrow(`integer >= 0, got ${epoch}`);
  });
});
