import { seededRandom } from '@bag-of-tricks/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AxisOptions, axisTaps } from './axis-taps.ts';
import { Resizer } from './resizer.ts';

const CHANNELS = 3;
const FRACTION_BITS = 22;

/** One line of pixels as Pillow resizes it: whole weights with 22 bits of fraction, sums rounded and cut to a byte. */
function resizeLine(line: readonly number[], options: AxisOptions): number[] {
  const { box, resized, first, count, reversed, antialias } = options;
  const scale = box.length / resized;
  const support = antialias ? Math.max(scale, 1) : 1;
  const outputs = Array.from({ length: count }, (_, index) => {
    const center = box.start + (first + index + 0.5) * scale;
    const shares = line.map((_, k) => Math.max(0, 1 - Math.abs(k + 0.5 - center) / support));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const sum = shares.reduce(
      (all, share, k) => all + line[k]! * Math.floor(0.5 + (share / total) * 2 ** FRACTION_BITS),
      2 ** (FRACTION_BITS - 1),
    );
    return Math.min(255, Math.floor(sum / 2 ** FRACTION_BITS));
  });
  return reversed ? outputs.reverse() : outputs;
}

const axisOptions = (antialias: boolean) =>
  fc
    .record({
      source: fc.integer({ min: 1, max: 40 }),
      resized: fc.integer({ min: 1, max: 40 }),
      boxShare: fc.integer({ min: 1, max: 100 }),
      startShare: fc.nat(100),
      firstShare: fc.nat(99),
      countShare: fc.integer({ min: 1, max: 100 }),
      reversed: fc.boolean(),
    })
    .map(({ source, resized, boxShare, startShare, firstShare, countShare, reversed }) => {
      const length = (source * boxShare) / 100;
      const first = Math.floor((resized * firstShare) / 100);
      const count = Math.ceil(((resized - first) * countShare) / 100);
      const box = { start: ((source - length) * startShare) / 100, length };
      return { source, box, resized, first, count, reversed, antialias };
    });
const axes = fc
  .boolean()
  .chain((antialias) => fc.tuple(axisOptions(antialias), axisOptions(antialias)));

test('any part of any resize is bit for bit what the formula gives row by row and column by column', () => {
  const resizer = new Resizer();
  fc.assert(
    fc.property(axes, fc.nat(), ([rowOptions, columnOptions], seed) => {
      const random = seededRandom(seed);
      const source = Array.from({ length: rowOptions.source }, () =>
        Array.from({ length: columnOptions.source * CHANNELS }, () => Math.floor(random() * 256)),
      );
      const rows = axisTaps(rowOptions);
      const columns = axisTaps(columnOptions);
      const fill = (pixels: Uint8Array) => {
        const { start, length } = columns.range;
        for (let row = 0; row < rows.range.length; row++) {
          const line = source[rows.range.start + row]!;
          const part = line.slice(start * CHANNELS, (start + length) * CHANNELS);
          pixels.set(part, row * length * CHANNELS);
        }
      };
      const actual = resizer.resize({ fill, rows, columns });

      const wide = source.map((line) =>
        [0, 1, 2].map((channel) =>
          resizeLine(
            line.filter((_, index) => index % CHANNELS === channel),
            columnOptions,
          ),
        ),
      );
      for (let column = 0; column < columns.count; column++) {
        for (let channel = 0; channel < CHANNELS; channel++) {
          const line = wide.map((one) => one[channel]![column]!);
          const got = Array.from(
            { length: rows.count },
            (_, row) => actual[(row * columns.count + column) * CHANNELS + channel],
          );
          expect(got).toEqual(resizeLine(line, rowOptions));
        }
      }
    }),
    { numRuns: 300 },
  );
});
