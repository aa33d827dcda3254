import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BadImageError, imageFolder } from '../index.ts';
import type { DirectoryEntry, DirectoryReader } from './directory-reader.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'image-folder-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Writes files whose content is their own path. */
async function files(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), path);
  }
}

async function contents(source: Awaited<ReturnType<typeof imageFolder>>): Promise<string[]> {
  const read = async (_: unknown, i: number) => {
    const image = await source.read(i);
    return image.kind === 'encoded' ? Buffer.from(image.bytes).toString() : 'pixels';
  };
  return Promise.all(Array.from({ length: source.size }, read));
}

describe('imageFolder', () => {
  test('classes are sorted as torchvision sorts them, images by their path', async () => {
    await files(
      'b/2.jpg',
      'b/10.JPEG',
      'b/deep/er/1.png',
      'Z/1.webp',
      'a/1.gif',
      'é/1.jpg',
      '\u{1F600}/1.jpg',
      '\uFF5A/1.jpg',
    );
    const source = await imageFolder(root);
    // Python's sorted() goes by code points: the emoji is last, though its first code unit is below U+FF5A.
    expect(source.classNames).toEqual(['Z', 'a', 'b', 'é', '\uFF5A', '\u{1F600}']);
    expect(await contents(source)).toEqual([
      'Z/1.webp',
      'a/1.gif',
      'b/10.JPEG',
      'b/2.jpg',
      'b/deep/er/1.png',
      'é/1.jpg',
      '\uFF5A/1.jpg',
      '\u{1F600}/1.jpg',
    ]);
    expect(Array.from({ length: source.size }, (_, i) => source.label(i))).toEqual([
      0, 1, 2, 2, 2, 3, 4, 5,
    ]);
    expect(source.describe(4)).toBe(join(root, 'b/deep/er/1.png'));
    expect(() => source.label(8)).toThrow(/expected an index from 0 to 7, got 8/);
  });

  test('a split is found under its usual names', async () => {
    await files(
      'training/a/1.jpg',
      'training/b/1.jpg',
      'test/a/2.jpg',
      'test/b/1.jpg',
      'extra/a/1.jpg',
      'extra/b/1.jpg',
    );
    expect((await imageFolder(root, { split: 'train' })).name).toBe(join(root, 'training'));
    expect((await imageFolder(root, { split: 'val' })).name).toBe(join(root, 'test'));
    expect((await imageFolder(root, { split: 'extra' })).size).toBe(2);
    await expect(imageFolder(root, { split: 'dev' })).rejects.toThrow(
      /expected a folder dev in .*, found extra, test, training\. Put the dev images into/,
    );
    await files('valid/a/1.jpg', 'valid/b/1.jpg');
    expect((await imageFolder(root, { split: 'validation' })).name).toBe(join(root, 'valid'));
  });

  test('forgetting the split is told, not taken for two classes', async () => {
    await files('train/a/1.jpg', 'test/a/1.jpg');
    await expect(imageFolder(root)).rejects.toThrow(
      /found the splits test, train\. Give the split/,
    );
  });

  test('a class map fixes order and subset', async () => {
    await files('a/1.jpg', 'b/1.jpg', 'c/1.jpg', 'map.txt');
    const warnings: string[] = [];
    const source = await imageFolder(root, {
      classMap: ['c', 'missing', 'a'],
      onWarning: (message) => warnings.push(message),
    });
    expect(source.classNames).toEqual(['c', 'missing', 'a']);
    expect([source.label(0), source.label(1)]).toEqual([0, 2]);
    expect(await contents(source)).toEqual(['c/1.jpg', 'a/1.jpg']);
    expect(warnings.join('\n')).toMatch(/without a folder: missing\./);
    expect(warnings.join('\n')).toMatch(/not among the training classes are left out: b\./);
    expect(warnings.join('\n')).toMatch(/outside of any class folder are left out: map\.txt/);
    await expect(imageFolder(root, { classMap: ['x', 'y'] })).rejects.toThrow(
      /expected folders named as the training classes, such as x, y, found a, b, c/,
    );
  });

  test('no class, no image, no folder: each is told with what to do', async () => {
    await expect(imageFolder(join(root, 'gone'))).rejects.toThrow(/found none at .*gone/);
    await expect(imageFolder(root)).rejects.toThrow(
      /expected a folder for each class .* found nothing/,
    );
    await files('1.jpg', '2.jpg');
    await expect(imageFolder(root)).rejects.toThrow(
      /found only files: [12]\.jpg, [12]\.jpg\. A class folder holds the images of one class/,
    );
    await files('a/readme.txt', 'b/1.bmp', 'b/2.BMP');
    await expect(imageFolder(root)).rejects.toThrow(/found 2 \.bmp, 1 \.txt\./);
    expect((await imageFolder(root, { extensions: ['.bmp'] })).size).toBe(2);
    await expect(imageFolder(root, { extensions: ['jpg'] })).rejects.toThrow(TypeError);
    await expect(imageFolder(root, { extensions: [] })).rejects.toThrow(TypeError);
    await expect(imageFolder('')).rejects.toThrow(TypeError);
  });

  test('what is odd but usable is warned of', async () => {
    await files('Cat/1.jpg', 'cat/1.jpg', 'cat/notes.txt', '.git/1.jpg', 'cat/._1.jpg');
    await mkdir(join(root, 'empty'));
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const source = await imageFolder(root, { onWarning });
    expect(source.classNames).toEqual(['Cat', 'cat']);
    expect(source.size).toBe(2);
    expect(warnings).toHaveLength(3);
    expect(warnings.join('\n')).toMatch(/classes Cat and cat differ in upper and lower case/);
    expect(warnings.join('\n')).toMatch(/left out: 1 \.txt\./);
    expect(warnings.join('\n')).toMatch(/folders without an image, which are no classes: empty\./);
    await imageFolder(join(root), { classMap: ['cat'], onWarning });
    await files('one/only/1.jpg');
    await imageFolder(join(root, 'one'), { onWarning });
    expect(warnings.at(-1)).toMatch(/one class only, only/);
  });

  test('an error carries the name of its image as it is, whatever it would do to a terminal', async () => {
    const name = 'a/\u001b[2J\u001b]0;title\u0007\r\nepoch 1: 100 %.jpg';
    await files('a/1.jpg', name);
    await writeFile(join(root, name), '');
    const source = await imageFolder(root);
    const index = [0, 1].find((i) => source.describe(i) === join(root, name))!;
    const image = join(root, name);
    await expect(source.read(index)).rejects.toMatchObject({ image, reason: 'is empty (0 bytes)' });
  });

  test('each folder of a class is read once, however many links lead to it', async () => {
    // 23 nested folders with two links each have 2^23 paths.
    for (let depth = 0; depth < 23; depth++) {
      const folder = join(root, 'elsewhere', String(depth));
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'x.jpg'), 'x');
      if (depth === 22) continue;
      for (const name of ['one', 'two']) await symlink(`../${depth + 1}`, join(folder, name));
    }
    await files('a/z/2.jpg', 'b/1.jpg');
    await symlink(join(root, 'elsewhere/0'), join(root, 'a/deep'));
    // The folder itself comes before the link, which has the smaller name.
    await symlink('z', join(root, 'a/link'));
    const warnings: string[] = [];
    const classMap = ['a', 'b'];
    const onWarning = (message: string) => warnings.push(message);
    const source = await imageFolder(root, { classMap, onWarning });
    const images = Array.from({ length: source.size }, (_, i) => source.describe(i));
    const ofA = images.filter((path) => path.startsWith(join(root, 'a/')));
    expect(ofA).toHaveLength(23 + 1);
    expect(ofA).toContain(join(root, 'a/z/2.jpg'));
    expect(ofA).toContain(join(root, `a/deep/${'one/'.repeat(22)}x.jpg`));
    expect(warnings.filter((text) => text.includes('read already'))).toHaveLength(22 + 1);
  });

  test('links are followed, but not round in circles', async () => {
    await files('a/1.jpg', 'b/1.jpg', 'elsewhere/x/3.jpg');
    await symlink(join(root, 'elsewhere/x'), join(root, 'a/linked'));
    await symlink(root, join(root, 'a/root'));
    await symlink(join(root, 'a'), join(root, 'b/to-a'));
    await symlink(join(root, 'b'), join(root, 'a/to-b'));
    await symlink('self', join(root, 'a/self'));
    await symlink('nowhere', join(root, 'a/broken.jpg'));
    const warnings: string[] = [];
    const source = await imageFolder(root, {
      classMap: ['a'],
      onWarning: (message) => warnings.push(message),
    });
    const paths = Array.from({ length: source.size }, (_, i) => source.describe(i));
    expect(paths).toEqual(
      ['a/1.jpg', 'a/broken.jpg', 'a/linked/3.jpg', 'a/to-b/1.jpg'].map((path) => join(root, path)),
    );
    expect(warnings.join('\n')).toMatch(/a\/root: is a link to a folder that it lies in/);
    expect(warnings.join('\n')).toMatch(/a\/to-b\/to-a: is a link to a folder that it lies in/);
    expect(warnings.join('\n')).toMatch(/a\/self: is a link that cannot be followed \(ELOOP\)/);
    await expect(source.read(1)).rejects.toThrow(BadImageError);
    await expect(source.read(1)).rejects.toThrow(/broken\.jpg: the file does not exist/);
  });

  test('names that are not UTF-8 are read and told apart', async () => {
    await files('a/1.jpg');
    const folder = Buffer.from(`${root}/`);
    const classFolder = Buffer.concat([folder, Buffer.from([0x63, 0xe9])]);
    await mkdir(classFolder);
    await writeFile(
      Buffer.concat([classFolder, Buffer.from([0x2f, 0xff, 0x2e, 0x6a, 0x70, 0x67])]),
      'one',
    );
    await writeFile(
      Buffer.concat([classFolder, Buffer.from([0x2f, 0xfe, 0x2e, 0x6a, 0x70, 0x67])]),
      'two',
    );
    const source = await imageFolder(root);
    expect(source.classNames).toEqual(['a', 'c\\xe9']);
    expect(source.describe(1)).toMatch(/\\xfe\.jpg$/);
    expect(await contents(source)).toEqual(['a/1.jpg', 'two', 'one']);
  });

  test('an empty file, a folder or a pipe with an image’s name is a bad image', async () => {
    await files('a/1.jpg', 'b/1.jpg');
    await writeFile(join(root, 'a/empty.jpg'), '');
    await symlink(join(root, 'b'), join(root, 'a/folder.jpg'));
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [join(root, 'pipe')]);
    await symlink(join(root, 'pipe'), join(root, 'a/pipe.jpg'));
    const source = await imageFolder(root);
    await expect(source.read(1)).rejects.toThrow(/empty\.jpg: is empty \(0 bytes\)/);
    await expect(source.read(2)).rejects.toThrow(/folder\.jpg: is a folder/);
    await expect(source.read(3)).rejects.toThrow(/pipe\.jpg: is not a regular file/);
    for (const i of [1, 2, 3]) await expect(source.read(i)).rejects.toThrow(BadImageError);
    await expect(source.read(0, AbortSignal.abort())).rejects.toThrow(/aborted/);
    await expect(imageFolder(root, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
  });

  test('a folder that may not be listed is told with what to do', async () => {
    const error = Object.assign(new Error('denied'), { code: 'EACCES' });
    const reader = simulated({ classes: 2, images: 3 });
    const list: DirectoryReader['list'] = (path) => {
      if (path.toString().endsWith('1')) throw error;
      return reader.list(path);
    };
    await expect(imageFolder('/data', { reader: { ...reader, list } })).rejects.toThrow(
      /expected to list \/data\/n00000001, got EACCES\. Allow reading and entering the folder/,
    );
  });
});

/** A made-up ImageNet: names as long as the real ones, in no order. */
function simulated({ classes, images }: { classes: number; images: number }): DirectoryReader {
  const entry = (name: string, kind: DirectoryEntry['kind']) => ({ name: Buffer.from(name), kind });
  return {
    async *list(path) {
      const folder = path.toString();
      if (folder === '/data') {
        for (let i = 0; i < classes; i++) {
          yield entry(`n${String((i * 7) % classes).padStart(8, '0')}`, 'folder');
        }
        return;
      }
      const wnid = folder.slice(folder.lastIndexOf('/') + 1);
      for (let i = 0; i < images; i++) yield entry(`${wnid}_${(i * 7919) % images}.JPEG`, 'file');
    },
    follow: async (path) => ({ isFolder: true, identity: path.toString() }),
  };
}

test('1.3 million files are listed in less than 60 s and 300 MB', { tags: ['slow'] }, async () => {
  const reader = simulated({ classes: 1000, images: 1300 });
  const before = process.memoryUsage().rss;
  const started = performance.now();
  const source = await imageFolder('/data', { reader });
  const seconds = (performance.now() - started) / 1000;
  const most = process.resourceUsage().maxRSS * 1024;
  expect(source.size).toBe(1_300_000);
  expect(source.label(1_299_999)).toBe(999);
  expect(source.describe(1300)).toBe('/data/n00000001/n00000001_0.JPEG');
  expect(source.describe(1_299_999)).toBe('/data/n00000999/n00000999_999.JPEG');
  expect(seconds).toBeLessThan(60);
  expect((most - before) / 1e6).toBeLessThan(300);
});

test('50,000 real files in 10 classes and one folder below are listed', {
  tags: ['slow'],
}, async () => {
  for (let c = 0; c < 10; c++) {
    await mkdir(join(root, `c${c}/below`), { recursive: true });
    for (let i = 0; i < 5000; i += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, j) =>
          writeFile(join(root, `c${c}`, j < 50 ? 'below' : '', `${i + j}.jpg`), ''),
        ),
      );
    }
  }
  const source = await imageFolder(root);
  expect(source.size).toBe(50_000);
  const names = new Set(Array.from({ length: source.size }, (_, i) => source.describe(i)));
  expect(names.size).toBe(50_000);
});
