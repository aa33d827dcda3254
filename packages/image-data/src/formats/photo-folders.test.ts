// Folders as people have them: without a validation split, with few images, with the same ones twice.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDataset, openSources } from '../index.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'photos-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Writes files whose content is what they are called, unless one is given. */
async function write(folder: string, count: number, content?: string | Buffer): Promise<void> {
  await mkdir(join(root, folder), { recursive: true });
  for (let i = 0; i < count; i++) {
    await writeFile(join(root, folder, `${i}.jpg`), content ?? `${folder}/${i}`);
  }
}

async function open(options: Partial<Parameters<typeof openSources>[0]> = {}) {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line.replaceAll(root, 'photos'));
  const hooks = { onWarning: note, onProgress: note };
  const choice = { dataset: 'folder', dataDir: root, seed: 42 } as const;
  const sources = await openSources({ ...choice, ...hooks, ...options });
  return { ...sources, lines };
}

const listed = ({ listing }: Awaited<ReturnType<typeof open>>['eval']) =>
  Array.from({ length: listing!.count }, (_, i) => listing!.at(i).name);

describe('a folder of classes without val or test', () => {
  test('keeps a fifth of each class for validation, and says so in one line', async () => {
    for (const [name, count] of [
      ['cat', 40],
      ['dog', 20],
      ['owl', 30],
    ] as const) {
      await write(name, count);
    }
    const { train, eval: evaluation, lines } = await open();
    expect(train!.classNames).toEqual(['cat', 'dog', 'owl']);
    expect([train!.size, evaluation.size]).toEqual([72, 18]);
    const names = listed(evaluation);
    expect(
      names
        .map((name) => name.slice(0, 3))
        .sort()
        .join(),
    ).toBe([...Array(8).fill('cat'), ...Array(4).fill('dog'), ...Array(6).fill('owl')].join());
    expect(new Set([...names, ...listed(train!)]).size).toBe(90);
    expect(lines).toEqual([
      'photos: no folder val or test, so 18 of the 90 images, 20 % of each class, are kept for validation (seed 42)',
    ]);
  });

  test('may have its classes in train, another share, another seed', async () => {
    await write('train/cat', 20);
    await write('train/dog', 20);
    const half = await open({ valSplit: 0.5 });
    expect([half.train!.size, half.eval.size]).toEqual([20, 20]);
    const other = await open({ valSplit: 0.5, seed: 43 });
    expect(listed(other.eval)).not.toEqual(listed(half.eval));
  });

  test('may have a class that is called train, which is said', async () => {
    await write('bus', 20);
    await write('train', 20);
    const { train, lines } = await open();
    expect(train!.classNames).toEqual(['bus', 'train']);
    expect(lines[0]).toBe(
      'photos/train: holds files and no folders, so it is taken for a class beside bus, not for the training images of all',
    );
    const { eval: evaluation } = await open({ evalClassNames: train!.classNames });
    expect(listed(evaluation).filter((name) => name.startsWith('train/'))).toHaveLength(4);
  });

  test('is not taken for classes where train alone is there, without any', async () => {
    await write('train', 20);
    await expect(open()).rejects.toThrow(/a folder for each class in .*train, found only files/);
  });

  test('gives the evaluation alone the same images', async () => {
    await write('cat', 20);
    await write('dog', 20);
    const { train, eval: evaluation } = await open();
    const { classNames } = train!;
    const alone = await open({ evalClassNames: classNames });
    expect(alone.train).toBeNull();
    expect(listed(alone.eval)).toEqual(listed(evaluation));
  });

  test('a folder val, or test, is taken as it is', async () => {
    for (const folder of ['train/cat', 'train/dog', 'test/cat', 'test/dog'])
      await write(folder, 10);
    const { train, eval: evaluation, lines } = await open();
    expect([train!.size, evaluation.size, lines]).toEqual([20, 20, []]);
  });
});

test('the same picture under many names is all for training or all for validation', async () => {
  await write('cat', 20);
  await write('dog', 20);
  await write('cat/again', 10, 'cat/7');
  const { train, eval: evaluation, lines } = await open();
  const trained = listed(train!).filter((name) => /again|cat.7.jpg/.test(name));
  expect([0, 11]).toContain(trained.length);
  expect([train!.size + evaluation.size, lines.length]).toEqual([50, 1]);
});

describe('a line each warns of', () => {
  test('a split that is given in place of the folder above it', async () => {
    for (const folder of ['train/cat', 'train/dog', 'val/cat', 'val/dog']) await write(folder, 15);
    const given = join(root, 'train');
    expect((await open({ dataDir: given })).lines[0]).toBe(
      'photos/train: a folder val is beside it and is not used. Give the folder above, photos, to train and validate with both',
    );
    await rm(join(root, 'val'), { recursive: true });
    expect((await open({ dataDir: given })).lines).toHaveLength(1);
  });

  test('folders without a picture, which are no classes', async () => {
    await write('cat', 200);
    await write('dog', 12);
    await mkdir(join(root, 'owl'));
    await mkdir(join(root, '@eaDir'));
    await writeFile(join(root, 'owl', '1.heic'), 'x');
    const { train, lines } = await open();
    expect(train!.classNames).toEqual(['cat', 'dog']);
    expect(lines).toContain('photos: folders without an image, which are no classes: @eaDir, owl.');
    const classMap = join(root, 'classes.txt');
    await writeFile(classMap, 'cat\ndog\nowl\n');
    const fixed = await open({ classMap });
    expect(fixed.train!.classNames).toEqual(['cat', 'dog', 'owl']);
    expect(fixed.lines).toContain(
      'photos: the classes are unbalanced: cat has 160 training images, dog 10. The accuracy tells mostly of the large ones.',
    );
  });

  test('folders of val that are not among the training classes', async () => {
    for (const folder of ['train/cat', 'train/dog', 'val/cat', 'val/ship']) await write(folder, 10);
    expect((await open()).lines.slice(0, 2)).toEqual([
      'photos/val: training classes without a folder: dog.',
      'photos/val: folders that are not among the training classes are left out: ship.',
    ]);
  });

  test('classes with few training images, with none for validation, and of very different size', async () => {
    await write('cat', 200);
    await write('dog', 12);
    await write('owl', 1);
    expect((await open()).lines.slice(1)).toEqual([
      'photos: classes of fewer than 10 training images: owl (1). Expect little of them.',
      'photos: classes without a validation image: owl. The accuracy says nothing of them.',
      'photos: the classes are unbalanced: cat has 160 training images, owl 1. The accuracy tells mostly of the large ones.',
    ]);
  });

  test('validation images that are training images too, byte for byte', async () => {
    for (const folder of ['train/cat', 'train/dog', 'val/cat', 'val/dog']) await write(folder, 10);
    await write('val/dog', 2, 'train/cat/7');
    await write('val/cat', 1, 'train/cat/x');
    expect((await open()).lines).toEqual([
      'photos/val: 2 of the 20 validation images are also training images, byte for byte: dog/0.jpg = cat/7.jpg, dog/1.jpg = cat/7.jpg. The accuracy will look better than it is.',
    ]);
  });
});

describe('is refused, with what to do:', () => {
  test('an image of each class', async () => {
    for (const name of ['cat', 'dog', 'owl']) await write(name, 1);
    await expect(open()).rejects.toThrow(/expected a class of at least two images.*got 3 images/);
  });

  test('an empty val', async () => {
    for (const folder of ['train/cat', 'train/dog', 'val']) await write(folder, 0);
    for (const folder of ['train/cat', 'train/dog']) await write(folder, 5);
    await expect(open()).rejects.toThrow(/found nothing.*Remove the empty folder, and a share/);
  });

  test('pictures without folders of classes, and no folder', async () => {
    await write('.', 3);
    await expect(open()).rejects.toThrow(
      /expected a folder for each class in .*only files: 0\.jpg/,
    );
    await expect(open({ dataDir: join(root, 'none') })).rejects.toThrow(/found none at .*none/);
  });

  test('validation images none of which can be used, before anything is trained', async () => {
    const picture = { width: 9, height: 9, channels: 3, background: 'red' } as const;
    const good = await sharp({ create: picture }).jpeg().toBuffer();
    for (const name of ['cat', 'dog']) {
      await write(`train/${name}`, 10, good);
      await write(`val/${name}`, 5, 'no picture');
    }
    const opening = () => openDataset({ dataset: 'folder', dataDir: root, imageSize: 8 });
    await expect(opening()).rejects.toThrow(
      /val: expected validation images that can be used, got none among the 8 that were tried; .*is not a JPEG/,
    );
    await writeFile(join(root, 'val/cat/0.jpg'), good);
    await (await opening()).close();
  });
});
