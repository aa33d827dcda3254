import { printable } from '@bag-of-tricks/run-folder';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Prediction, predictionFormats, predictionHeader } from './format-predictions.ts';

const batch: Prediction[] = [
  {
    file: 'photos/a.jpg',
    top: [
      { index: 1, name: 'tabby, or cat', probability: 0.975 },
      { index: 0, name: 'dog', probability: 0.025 },
    ],
  },
  { file: 'b "best".jpg', top: [{ index: 0, name: 'dog', probability: 1 }] },
];

/** The cells of a line of CSV without ends of lines in quotes. */
function cells(line: string): string[] {
  const [, quoted, plain, rest] = /^(?:"((?:[^"]|"")*)"|([^",]*))(?:,(.*))?$/.exec(line)!;
  const cell = quoted?.replaceAll('""', '"') ?? plain!;
  return rest === undefined ? [cell] : [cell, ...cells(rest)];
}

test('the table has the file beside its first class, and its classes below each other', () => {
  expect(predictionFormats.table.lines(batch)).toEqual([
    'photos/a.jpg   97.50 %  tabby, or cat',
    '                2.50 %  dog',
    'b "best".jpg  100.00 %  dog',
  ]);
  expect(predictionHeader('table')).toBeUndefined();
});

test('a line of JSON has the file and its classes, and nothing else', () => {
  const lines = predictionFormats.jsonl.lines(batch);
  expect(lines[1]).toBe(
    '{"file":"b \\"best\\".jpg","top":[{"index":0,"name":"dog","probability":1}]}',
  );
  expect(lines.map((line) => JSON.parse(line))).toEqual(batch);
});

test('the CSV has a row for each class of a file', () => {
  expect(predictionHeader('csv')).toBe('file,rank,index,name,probability');
  expect(predictionFormats.csv.lines(batch)).toEqual([
    'photos/a.jpg,1,1,"tabby, or cat",0.975',
    'photos/a.jpg,2,0,dog,0.025',
    '"b ""best"".jpg",1,0,dog,1',
  ]);
});

test('names of any characters act on no terminal, stay one line, and JSON gives them back', () => {
  const name = fc.string({ unit: 'grapheme-composite' });
  const odd = fc.constantFrom('\x1b[2J', 'a\nb', '\u202egpj.exe', '\u2028', '\x85', ',"', '\ud800');
  const text = fc.oneof(
    name,
    odd,
    fc.tuple(name, odd).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, text, fc.float({ min: 0, max: 1, noNaN: true }), (file, label, p) => {
      const one = [{ file, top: [{ index: 7, name: label, probability: p }] }];
      const [json] = predictionFormats.jsonl.lines(one);
      expect(JSON.parse(json!)).toEqual(JSON.parse(JSON.stringify(one[0])));
      const [csv] = predictionFormats.csv.lines(one);
      expect(cells(csv!)).toEqual([printable(file), '1', '7', printable(label), String(p)]);
      for (const format of Object.values(predictionFormats)) {
        const [line, ...more] = format.lines(one);
        expect(printable(line!)).toBe(line);
        expect(more).toEqual([]);
      }
    }),
  );
});
