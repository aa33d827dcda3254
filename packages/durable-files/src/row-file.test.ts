import type * as fs from 'node:fs';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { openRows, syncRows } from './row-file.ts';

/** Is called after every operation on files. */
const watch = vi.hoisted(() => ({ after: null as (() => void) | null }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const watched = Object.entries(real).map(([name, call]) => {
    if (typeof call !== 'function' || !name.endsWith('Sync')) return [name, call];
    return [
      name,
      (...args: unknown[]) => {
        const result = (call as (...given: unknown[]) => unknown)(...args);
        const { after } = watch;
        watch.after = null;
        after?.();
        watch.after = after;
        return result;
      },
    ];
  });
  return Object.fromEntries(watched);
});

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'rows-')), 'rows');
});
const upTo = (last: number) => (row: string) => Number.parseInt(row, 10) <= last;
const read = () => readFileSync(path, 'utf8');

test.each([
  ['rows of later steps', '1 a\n2 b\n3 c\n', 2, '1 a\n2 b\n', '2 b'],
  ['a torn row', '1 a\n2 b\n3', 3, '1 a\n2 b\n', '2 b'],
  ['a torn row that looks whole', '1 a\n2', 2, '1 a\n', '1 a'],
  ['all rows', '1 a\n2 b\n', 0, '', null],
  ['a lone line break', '\n', 3, '', null],
  ['nothing where all stay', '1 a\n2 b\n', 2, '1 a\n2 b\n', '2 b'],
  [
    'nothing of what a full disk tore amid rows that stay',
    '1 a\n2 {"l\n3 c\n4 d\n',
    3,
    '1 a\n2 {"l\n3 c\n',
    '3 c',
  ],
])('opening cuts off %s', (_, before, last, after, lastRow) => {
  writeFileSync(path, before);
  const rows = openRows(path, { stays: upTo(last) });
  expect(read()).toBe(after);
  expect(rows.last).toBe(lastRow);
  rows.append('7 é');
  expect(read()).toBe(`${after}7 é\n`);
});

test('a header comes at once, stays, and another one takes its place over the same rows', () => {
  openRows(path, { stays: upTo(9), header: 'n,x' });
  expect(read()).toBe('n,x\n');
  openRows(path, { stays: upTo(9), header: 'n,x' }).append('1,a');
  expect(openRows(path, { stays: upTo(0), header: 'n,x' }).last).toBeNull();
  expect(read()).toBe('n,x\n');
  writeFileSync(path, 'n,x\n1,a\n2,b\n');
  openRows(path, { stays: upTo(1), header: 'n,x,y' });
  expect(read()).toBe('n,x,y\n1,a\n');
  expect(readdirSync(dirname(path))).toEqual(['rows']);
  writeFileSync(path, 'n,');
  openRows(path, { stays: upTo(1), header: 'n,x' });
  expect(read()).toBe('n,x\n');
});

test('no file is made before the first row', async () => {
  const rows = openRows(path, { stays: upTo(1) });
  await syncRows(path);
  expect(readdirSync(dirname(path))).toEqual([]);
  rows.append('1');
  await syncRows(path);
  expect(read()).toBe('1\n');
});

test.each([
  ['', undefined],
  ['n,x\n', 'n,x'],
  ['n,x\n', 'n,x,y'],
])('at every moment the rows that stay are there: a kill loses none', (before, header) => {
  writeFileSync(path, `${before}1,a\n2,b\n3,c\n4`);
  const seen: string[] = [];
  watch.after = () => seen.push(read());
  openRows(path, { stays: upTo(2), ...(header && { header }) });
  watch.after = null;
  expect(seen.length).toBeGreaterThan(2);
  for (const text of seen) expect(text).toMatch(/^(n,x(,y)?\n)?1,a\n2,b\n/);
  expect(seen.at(-1)).toBe(`${header ? `${header}\n` : ''}1,a\n2,b\n`);
});
