import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClassMap } from './class-map.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'class-map-'));
});
afterAll(() => rm(root, { recursive: true }));

async function fromFile(name: string, content: string): Promise<string[]> {
  const path = join(root, name);
  await writeFile(path, content);
  return readClassMap(path);
}

test('names, or names with numbers, are read from text, JSON and values', async () => {
  expect(await fromFile('a.txt', '# mine\ncat\n\ngolden retriever\r\n')).toEqual([
    'cat',
    'golden retriever',
  ]);
  expect(await fromFile('b.txt', '\uFEFFcat 1\ngolden retriever\t0\n')).toEqual([
    'golden retriever',
    'cat',
  ]);
  expect(await fromFile('c.txt', 'boeing 747\nairbus\n')).toEqual(['boeing 747', 'airbus']);
  expect(await fromFile('d.JSON', '["b", "a"]')).toEqual(['b', 'a']);
  expect(await fromFile('e.json', '{"b": 1, "a": 0, "__proto__": 2}')).toEqual([
    'a',
    'b',
    '__proto__',
  ]);
  expect(await readClassMap({ x: 0 })).toEqual(['x']);
});

test('what is no class map is refused with its remedy', async () => {
  await expect(fromFile('a.txt', 'cat\ncat\n')).rejects.toThrow(/each class once, got twice: cat/);
  await expect(fromFile('a.txt', 'room 1\nroom 2\n')).rejects.toThrow(/write .* JSON array/);
  await expect(fromFile('a.txt', 'a 1\nb 2\n')).rejects.toThrow(/numbered 0 to 1, got 2 for "b"/);
  await expect(fromFile('a.json', '{"a":0,"b":0}')).rejects.toThrow(/got 0 for "a" and for "b"/);
  await expect(fromFile('a.json', '{"a":0.5}')).rejects.toThrow(/got 0\.5 for "a"/);
  await expect(fromFile('a.json', '[1]')).rejects.toThrow(/expected an array of class names/);
  await expect(fromFile('a.json', 'null')).rejects.toThrow(/got null/);
  await expect(fromFile('a.json', '{')).rejects.toThrow(/expected JSON/);
  await expect(fromFile('a.txt', '\n')).rejects.toThrow(/at least one class/);
  await expect(readClassMap(join(root, 'gone.txt'))).rejects.toThrow(/ENOENT/);
});
