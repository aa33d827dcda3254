import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { findImages } from './find-images.ts';
import { imageFolder } from './image-folder.ts';
import { sameFiles } from './same-files.ts';
import { systemPath } from './system-path.ts';

/** Each function of the file system that got a path, with the path's type. */
const { asked, noting } = vi.hoisted(() => {
  const asked = new Set<string>();
  const noting = <Functions extends object>(functions: Functions, names: readonly string[]) => {
    const noted = names.map((name) => {
      const real = functions[name as keyof Functions] as (...args: unknown[]) => unknown;
      const note = (path: unknown, ...rest: unknown[]) => {
        asked.add(`${name} ${typeof path}`);
        return real(path, ...rest);
      };
      return [name, note];
    });
    return { ...functions, ...Object.fromEntries(noted) };
  };
  return { asked, noting };
});
vi.mock('node:fs', async (original) => noting(await original<object>(), ['open']));
vi.mock('node:fs/promises', async (original) =>
  noting(await original<object>(), ['opendir', 'stat', 'readFile']),
);

const os = process.platform;
const pretend = (value: string) => Object.defineProperty(process, 'platform', { value });
afterAll(() => pretend(os));

test('on Windows a path is text where its bytes are, for Node makes no others long', () => {
  expect(systemPath(Buffer.from('ä/1.jpg'), 'win32')).toBe('ä/1.jpg');
  const latin = Buffer.from('ä', 'latin1');
  expect(systemPath(latin, 'win32')).toBe(latin);
  const bytes = Buffer.from('ä');
  expect(systemPath(bytes, 'linux')).toBe(bytes);
  expect(systemPath('ä', 'win32')).toBe('ä');
});

test('images are looked for, listed, compared and read so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'system-path-'));
  for (const name of ['a', 'b']) {
    mkdirSync(join(folder, name));
    for (const file of ['1.jpg', '2.jpg']) writeFileSync(join(folder, name, file), 'the same');
  }
  pretend('win32');
  const source = await imageFolder(folder);
  await source.read(0);
  expect(await sameFiles(source)).toEqual(
    new Map([
      [1, 0],
      [3, 2],
    ]),
  );
  for await (const one of findImages([folder])) await one.read(0);
  pretend(os);
  expect([...asked].sort()).toEqual([
    ...['open string', 'opendir string', 'readFile string', 'stat string'],
  ]);
});
