import { expect, test } from 'vitest';
import { drawSoaks } from './plot.ts';
import { growth, type Sample } from './samples.ts';
import { judge, limits } from './verdict.ts';

const flat: readonly Sample[] = Array.from({ length: 60 }, (_, i) => ({
  ...{ round: 10 * (i + 1), memory: 500, handles: 2, mappings: 300, descriptors: 20 },
  time: 5 + (i % 3),
}));
const grown = (samples: readonly Sample[]) =>
  judge(samples, limits).flatMap(({ measure, tooMuch }) => (tooMuch ? [measure] : []));

test('what is flat is not judged to grow, whatever it did at first and however single looks stand out', () => {
  expect(grown(flat)).toEqual([]);
  const rough = flat.map((sample, i) => ({
    ...sample,
    memory: i < 20 ? 10 * i : i === 40 ? 900 : 500,
  }));
  expect(grown(rough)).toEqual([]);
});

test('one handle, descriptor or mapping in twenty rounds is a leak, and so is a slower round', () => {
  for (const measure of ['handles', 'mappings', 'descriptors'] as const) {
    const leaking = flat.map((sample) => ({ ...sample, [measure]: Math.floor(sample.round / 20) }));
    expect(grown(leaking)).toEqual([measure]);
    expect(growth(leaking, measure)).toBeCloseTo(0.05, 2);
  }
  expect(grown(flat.map((sample, i) => ({ ...sample, time: 5 + i / 5 })))).toEqual(['time']);
  expect(grown(flat.map((sample) => ({ ...sample, memory: sample.round / 25 })))).toEqual([
    'memory',
  ]);
});

test('the picture has a curve for each soak and measure', () => {
  const svg = drawSoaks({ epochs: flat, compiles: flat });
  expect(svg.match(/<polyline/g)).toHaveLength(10);
  expect(svg).not.toMatch(/NaN|undefined/);
});
