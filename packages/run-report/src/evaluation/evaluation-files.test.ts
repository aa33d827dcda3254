import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confusionOf } from './confusion.ts';
import { evaluationFiles } from './evaluation-files.ts';
import { csvLine } from './tables.ts';

/** A matrix of rows (true) and columns (predicted). */
function confusionWith(counts: readonly (readonly number[])[], names?: readonly string[]) {
  const confusion = confusionOf(names ?? counts.map((_, i) => `class ${i}`));
  counts.forEach((row, label) => {
    row.forEach((count, predicted) => {
      for (let i = 0; i < count; i++) confusion.add(label, predicted);
    });
  });
  return confusion;
}

const filesOf = (confusion: ReturnType<typeof confusionOf>) =>
  evaluationFiles({ title: 'Evaluation', facts: {}, confusion, mistakes: [] });
const parsed = (csv: string) =>
  csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

const small = confusionWith(
  [
    [3, 1, 0],
    [2, 2, 2],
    [0, 0, 0],
  ],
  ['cat', 'dog', 'fox'],
);

test('the tables are those of a matrix counted by hand', () => {
  const files = filesOf(small);
  expect(files['confusion.csv']).toBe(
    'true \\ predicted,cat,dog,fox\ncat,3,1,0\ndog,2,2,2\nfox,0,0,0\n',
  );
  expect(files['classes.csv']).toBe(
    [
      'index,class,images,right,accuracy_percent,most_taken_for,images_taken_for_it',
      '0,cat,4,3,75.00,dog,1',
      '1,dog,6,2,33.33,cat,2',
      '2,fox,0,0,,,\n',
    ].join('\n'),
  );
});

test('the picture of few classes has each count with what it means', () => {
  const svg = filesOf(small)['confusion.svg'];
  expect(svg).toContain('<title>cat taken for dog: 1 of 4</title>');
  expect(svg.match(/<title>/g)).toHaveLength(5);
  expect(svg).not.toContain('NaN');
});

test('of a thousand classes the table is whole, and the picture has the worst pairs', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
  const confusion = confusionOf(names);
  for (let label = 0; label < 1000; label++) {
    for (let i = 0; i <= label % 50; i++) confusion.add(label, (label + 1) % 1000);
    confusion.add(label, label);
  }
  const files = filesOf(confusion);
  const table = parsed(files['confusion.csv']);
  expect(table).toHaveLength(1001);
  expect(table.every((row) => row.length === 1001)).toBe(true);
  expect(table[50]![51]).toBe('50');
  const bars = [...files['confusion.svg'].matchAll(/<text[^>]*>(class \d+ → class \d+)<\/text>/g)];
  expect(bars).toHaveLength(40);
  expect(bars[0]![1]).toBe('class 49 → class 50');
  expect(files['confusion.svg'].length).toBeLessThan(20_000);
});

test('rows of the table sum to the images of a class, and the diagonal to what is right', () => {
  const matrix = fc
    .integer({ min: 2, max: 6 })
    .chain((n) =>
      fc.array(fc.array(fc.nat(4), { minLength: n, maxLength: n }), { minLength: n, maxLength: n }),
    );
  fc.assert(
    fc.property(matrix, (counts) => {
      const confusion = confusionWith(counts);
      const files = filesOf(confusion);
      const rows = parsed(files['confusion.csv']).slice(1);
      expect(rows.map(([, ...cells]) => cells.map(Number))).toEqual(counts);
      for (const [i, row] of parsed(files['classes.csv']).slice(1).entries()) {
        const images = counts[i]!.reduce((sum, count) => sum + count);
        expect([row[2], row[3]].map(Number)).toEqual([images, counts[i]![i]]);
      }
      const wrong = confusion.pairs().reduce((sum, pair) => sum + pair.images, 0);
      const all = counts.flat().reduce((sum, count) => sum + count);
      expect(wrong).toBe(all - counts.reduce((sum, row, i) => sum + row[i]!, 0));
    }),
  );
});

test('the sheet shows pictures with their names, whatever is in them', () => {
  const confusion = confusionWith(
    [
      [0, 1],
      [0, 0],
    ],
    ['<cat>', 'dog & "fox"'],
  );
  const jpeg = Uint8Array.of(255, 216, 255);
  const scores = { label: 0, predicted: 1, probability: 0.97, ownProbability: 0.001 };
  const facts = { 'Top-1': '0.00 %' };
  const mistakes = [{ image: 'val/<script>.jpg', ...scores, jpeg }];
  const page = evaluationFiles({ title: 'A < B', facts, confusion, mistakes })['mistakes.html'];
  expect(page).toContain(`src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}"`);
  expect(page).toContain(
    '&lt;cat&gt; (0.1 %)<br>taken for <b>dog &amp; &quot;fox&quot;</b> (97.0 %)',
  );
  expect(page).toContain('<small>val/&lt;script&gt;.jpg</small>');
  expect(page).toContain('<h1>A &lt; B</h1>');
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
});

test('cells with commas, quotes and ends of lines are quoted', () => {
  expect(csvLine(['a', 'b,c', 'd "e"', 'f\ng', 1.5])).toBe('a,"b,c","d ""e""","f\ng",1.5');
});
