import { seededRandom } from '@bag-of-tricks/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AxisOptions, axisTaps } from './axis-taps.ts';
import { type Interpolation, interpolations, resizeFilters } from './filters.ts';
import { Resizer } from './resizer.ts';

const CHANNELS = 3;
const FRACTION_BITS = 22;

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** The filters as their papers have them, of a distance: the triangle, Keys's cubic with a = -1/2, the windowed sinc. */
const filters: Record<Interpolation, (x: number) => number> = {
  bilinear: (x) => Math.max(0, 1 - x),
  bicubic: (x) => {
    const a = -0.5;
    if (x < 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
    return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
  },
  lanczos: (x) => (x < 3 ? sinc(x) * sinc(x / 3) : 0),
};

type Line = readonly number[];
type Plane = readonly Line[];
type Axis = Omit<AxisOptions, 'filter'> & { readonly name: Interpolation };

/** One line of pixels as Pillow resizes it: whole weights with 22 bits of fraction, sums rounded and cut to a byte. */
function resizeLine(line: Line, options: Axis): number[] {
  const { box, resized, first, count, reversed, antialias, name } = options;
  const scale = box.length / resized;
  const stretch = antialias ? Math.max(scale, 1) : 1;
  const outputs = Array.from({ length: count }, (_, index) => {
    const center = box.start + (first + index + 0.5) * scale;
    const shares = line.map((_, k) => filters[name](Math.abs(k + 0.5 - center) / stretch));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const sum = shares.reduce(
      (all, share, k) => {
        const weight = (share / total) * 2 ** FRACTION_BITS;
        return all + line[k]! * Math.sign(weight) * Math.floor(0.5 + Math.abs(weight));
      },
      2 ** (FRACTION_BITS - 1),
    );
    return Math.max(0, Math.min(255, Math.floor(sum / 2 ** FRACTION_BITS)));
  });
  return reversed ? outputs.reverse() : outputs;
}

const transpose = (plane: Plane): Plane => plane[0]!.map((_, at) => plane.map((line) => line[at]!));
const across = (plane: Plane, axis: Axis) => plane.map((line) => resizeLine(line, axis));
const down = (plane: Plane, axis: Axis) => transpose(across(transpose(plane), axis));

const axisOptions = (antialias: boolean, name: Interpolation) =>
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
    .map(({ source, resized, boxShare, startShare, firstShare, countShare, reversed }): Axis => {
      const length = (source * boxShare) / 100;
      const first = Math.floor((resized * firstShare) / 100);
      const count = Math.ceil(((resized - first) * countShare) / 100);
      const box = { start: ((source - length) * startShare) / 100, length };
      return { source, box, resized, first, count, reversed, antialias, name };
    });
const axes = fc
  .tuple(fc.boolean(), fc.constantFrom(...interpolations))
  .chain((kind) => fc.tuple(axisOptions(...kind), axisOptions(...kind)));

const tapsOf = ({ name, ...axis }: Axis) => axisTaps({ ...axis, filter: resizeFilters[name] });

test('any part of any resize is bit for bit what the formula gives, one axis after the other', () => {
  const resizer = new Resizer();
  fc.assert(
    fc.property(axes, fc.boolean(), fc.nat(), ([rowAxis, columnAxis], verticalFirst, seed) => {
      const random = seededRandom(seed);
      const planes: Plane[] = Array.from({ length: CHANNELS }, () =>
        Array.from({ length: rowAxis.source }, () =>
          Array.from({ length: columnAxis.source }, () => Math.floor(random() * 256)),
        ),
      );
      const [rows, columns] = [tapsOf(rowAxis), tapsOf(columnAxis)];
      const fill = (pixels: Uint8Array) => {
        const { length } = columns.range;
        for (let at = 0; at < pixels.length; at++) {
          const pixel = Math.floor(at / CHANNELS);
          const row = rows.range.start + Math.floor(pixel / length);
          pixels[at] = planes[at % CHANNELS]![row]![columns.range.start + (pixel % length)]!;
        }
      };
      const actual = resizer.resize({ fill, rows, columns, verticalFirst });

      const wanted = planes.map((plane) =>
        verticalFirst
          ? across(down(plane, rowAxis), columnAxis)
          : down(across(plane, columnAxis), rowAxis),
      );
      const interleaved = wanted[0]!.flatMap((line, row) =>
        line.flatMap((_, column) => wanted.map((plane) => plane[row]![column]!)),
      );
      expect([...actual]).toEqual(interleaved);
    }),
    { numRuns: 300 },
  );
});

test.each(interpolations)('one colour stays that colour under %s, at any scale', (name) => {
  const resizer = new Resizer();
  const axis = fc.record({
    source: fc.integer({ min: 1, max: 300 }),
    resized: fc.integer({ min: 1, max: 300 }),
  });
  fc.assert(
    fc.property(axis, axis, fc.nat(255), (vertical, horizontal, level) => {
      const [rows, columns] = [vertical, horizontal].map(({ source, resized }) =>
        axisTaps({
          ...{ source, resized, count: resized, box: { start: 0, length: source } },
          ...{ first: 0, reversed: false, antialias: true, filter: resizeFilters[name] },
        }),
      );
      const fill = (pixels: Uint8Array) => pixels.fill(level);
      const actual = resizer.resize({ fill, rows: rows!, columns: columns! });
      expect(actual.every((value) => value === level)).toBe(true);
    }),
  );
});
