import { appendFileSync, mkdtempSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { foldLines } from './fold-lines.ts';

let path: string;
let read: string[];
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'fold-lines-')), 'lines.txt');
  read = [];
});

const follow = () =>
  foldLines(path, () => {
    const lines: string[] = [];
    return {
      lines,
      add(line: string) {
        read.push(line);
        lines.push(line);
      },
    };
  });

test('each line is read once, when the whole of it is there', () => {
  const file = follow();
  expect(file.update()).toBe(false);
  writeFileSync(path, 'one\ntw');
  expect(file.update()).toBe(true);
  expect(file.update()).toBe(false);
  expect(file.fold.lines).toEqual(['one']);
  appendFileSync(path, 'o\nthree\n');
  expect(file.update()).toBe(true);
  expect(read).toEqual(['one', 'two', 'three']);
});

test('a file that was replaced or cut short is read anew', () => {
  const file = follow();
  writeFileSync(path, 'one\ntwo\n');
  file.update();
  writeFileSync(`${path}.new`, 'uno\ndue\ntre\n');
  renameSync(`${path}.new`, path);
  expect(file.update()).toBe(true);
  expect(file.fold.lines).toEqual(['uno', 'due', 'tre']);
  truncateSync(path, 4);
  expect(file.update()).toBe(true);
  expect(file.fold.lines).toEqual(['uno']);
});

test('lines and characters may be cut anywhere, by what writes and by what reads', () => {
  const text = `${'ä€😀'.repeat(200_000)}\n\nb\n`;
  writeFileSync(path, text);
  const file = follow();
  file.update();
  expect([...file.fold.lines, '']).toEqual(text.split('\n'));
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '€', '\n') })), (pieces) => {
      writeFileSync(path, '');
      const grown = follow();
      for (const piece of pieces) {
        appendFileSync(path, piece);
        grown.update();
      }
      expect(grown.fold.lines).toEqual(pieces.join('').split('\n').slice(0, -1));
    }),
    { numRuns: 30 },
  );
});
