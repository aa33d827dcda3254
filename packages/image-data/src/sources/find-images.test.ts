import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findImages } from './find-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'find-images-'));
const at = (path: string) => join(folder, path);
for (const path of [
  'a/1.jpg',
  'a/b/2.PNG',
  'a/b/notes.txt',
  'a/.hidden/3.jpg',
  'c/4.webp',
  '.loop/d/5.gif',
]) {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), '');
}
mkdirSync(at('empty'));
symlinkSync('..', at('.loop/d/up'));
symlinkSync('a/b', at('.to-b'));

const chunked = async function* (...chunks: string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
};

/** The images of each source, and what was warned of, both without the folder. */
async function find(inputs: readonly string[], ...lines: string[]) {
  const warnings: string[] = [];
  const sources: string[][] = [];
  const short = (path: string) => path.replaceAll(`${folder}/`, '');
  const options = { lines: chunked(...lines), onWarning: (text: string) => warnings.push(text) };
  for await (const source of findImages(
    inputs.map((one) => (one === '-' ? one : at(one))),
    options,
  )) {
    sources.push(Array.from({ length: source.size }, (_, i) => short(source.describe(i))));
  }
  return { sources, warnings: warnings.map(short) };
}

test('a folder is searched with all below it, sorted, and once in spite of a link to itself', async () => {
  expect(await find(['a/'])).toEqual({ sources: [['a/1.jpg', 'a/b/2.PNG']], warnings: [] });
  const { sources, warnings } = await find(['.loop']);
  expect(sources).toEqual([['.loop/d/5.gif']]);
  expect(warnings).toEqual([expect.stringContaining('.loop/d/up: is a link to a folder')]);
});

test('a folder that was searched is not searched again, by whatever path', async () => {
  const { sources, warnings } = await find(['a/b', 'c', 'a', '.to-b']);
  expect(sources).toEqual([['a/b/2.PNG'], ['c/4.webp'], ['a/1.jpg']]);
  expect(warnings.at(-1)).toBe('.to-b: is searched already, and is left out.');
});

test('files stay in their order, as they are named, whether they are there or not', async () => {
  const { sources } = await find(['none.jpg', 'c/4.webp', 'a/b/notes.txt', 'c', 'a/1.jpg']);
  expect(sources).toEqual([['none.jpg', 'c/4.webp', 'a/b/notes.txt'], ['c/4.webp'], ['a/1.jpg']]);
});

test('a pattern finds files, and folders that are searched; ** files only', async () => {
  expect((await find(['*'])).sources).toEqual([['a/1.jpg', 'a/b/2.PNG'], ['c/4.webp']]);
  expect((await find(['**/*.{jpg,webp}'])).sources).toEqual([['a/1.jpg', 'c/4.webp']]);
  writeFileSync(at('c/[x].jpg'), '');
  expect((await find(['c/[x].jpg'])).sources).toEqual([['c/[x].jpg']]);
  await expect(find(['*.gif'])).rejects.toThrow('found none. Check the pattern');
});

test('paths of - come together as they arrive, also in the middle of a line', async () => {
  const paths = [`${at('c/4.webp')}\n\n${at('a/1')}`, '.jpg\n', at('a/b')];
  const { sources } = await find(['none.jpg', '-', 'a'], ...paths);
  expect(sources).toEqual([['none.jpg'], ['c/4.webp'], ['a/1.jpg'], ['a/b/2.PNG'], ['a/1.jpg']]);
});

test('names that are not UTF-8 are found and read', async () => {
  const name = Buffer.concat([Buffer.from(at('raw-')), Buffer.from([0xe9]), Buffer.from('.jpg')]);
  writeFileSync(name, 'bytes');
  const lines = (async function* () {
    yield name;
  })();
  for await (const source of findImages(['-'], { lines })) {
    expect(source.describe(0)).toBe(`${at('raw-')}\\xe9.jpg`);
    const image = await source.read(0);
    expect(image.kind === 'encoded' && image.bytes.toString()).toBe('bytes');
  }
});

test('a folder without images is told', async () => {
  const { sources, warnings } = await find(['empty']);
  expect(sources).toEqual([]);
  expect(warnings).toEqual(['empty: holds no images (.jpg .jpeg .png .webp .gif).']);
});

test('it ends with the reason of its signal', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(findImages([folder], { signal }).next()).rejects.toThrow('enough');
});
