import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BadImageError, type ImageSource, tarShards } from '../../index.ts';
import { TAR_END, tarMember } from './tar-writer.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tar-shards-'));
});
afterEach(() => rm(root, { recursive: true }));

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));

async function shard(name: string, members: Record<string, string>): Promise<string> {
  const parts = Object.entries(members).flatMap(([member, text]) =>
    tarMember(member, Buffer.from(text)),
  );
  const path = join(root, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, Buffer.concat([...parts, TAR_END]));
  return path;
}

async function everything(
  source: ImageSource,
): Promise<[name: string, label: number, text: string][]> {
  const all: [string, number, string][] = [];
  for (let i = 0; i < source.size; i++) {
    const image = await source.read(i);
    if (image.kind !== 'encoded') throw new Error('expected encoded images');
    const name = source.describe(i).split('.tar:')[1]!;
    all.push([name, source.label(i), Buffer.from(image.bytes).toString('latin1')]);
  }
  await source.close();
  return all;
}

describe('archives made by Python', () => {
  test.each(['ustar', 'gnu', 'pax'])(
    '%s is read with all its names, labels and bytes',
    async (form) => {
      await copyFile(fixture(`${form}.tar`), join(root, 'x.tar'));
      const long = `folder-${'x'.repeat(60)}/name-${'y'.repeat(form === 'ustar' ? 60 : 90)}`;
      const expected = [
        ['a/0001.jpg', 3, '\xff\xd8first'],
        ['a/0002.JPEG', 0, '\xff\xd8second'],
        [`${long}.png`, 1, '\x89PNGthird'],
        ['ä/0004.webp', 2, `RIFF${'f'.repeat(600)}`],
      ];
      const source = await tarShards(root);
      expect(source.classNames).toEqual(['0', '1', '2', '3']);
      expect(await everything(source)).toEqual(expected);
      // The second time from the index.
      expect(await everything(await tarShards(join(root, 'x.tar')))).toEqual(expected);
    },
  );
});

describe('finding shards', () => {
  test('a folder, a split, braces, a star and a list name the same shards', async () => {
    const two = [
      ['1.jpg', 0, 'one'],
      ['2.jpg', 1, 'two'],
    ];
    await shard('train-01.tar', { '2.jpg': 'two', '2.cls': '1' });
    await shard('train-00.tar', { '1.jpg': 'one', '1.cls': '0' });
    await shard('sub/test/x.tar', { '3.jpg': 'three', '3.cls': '0' });
    expect(await everything(await tarShards(root))).toEqual(two);
    expect(await everything(await tarShards(root, { split: 'train' }))).toEqual(two);
    expect(await everything(await tarShards(join(root, 'train-{00..01}.tar')))).toEqual(two);
    expect(await everything(await tarShards(join(root, 'tr*-0?.tar')))).toEqual(two);
    const paths = [join(root, 'train-00.tar'), join(root, 'train-{01,00}.tar')];
    expect(await everything(await tarShards(paths))).toEqual(two);
    expect((await tarShards(join(root, 'sub'), { split: 'val' })).size).toBe(1);
    await expect(tarShards(join(root, 'train-{00..02}.tar'))).rejects.toThrow(
      /expected a file train-02\.tar in .*found sub, train-00\.tar/,
    );
    await expect(tarShards(root, { split: 'val' })).rejects.toThrow(
      /expected files \*\.tar of the split val in/,
    );
    await expect(tarShards(join(root, 'sub'))).rejects.toThrow(
      /expected files \*\.tar in .*found test/,
    );
    await expect(tarShards(join(root, 'gone'))).rejects.toThrow(/expected a file gone in/);
    await expect(tarShards([])).rejects.toThrow(/got an empty list/);
  });

  test('class names come from a file beside the shards, one folder up, or an option', async () => {
    await shard('data/train/a.tar', { '1.jpg': 'one', '1.cls': '1' });
    const path = join(root, 'data');
    expect((await tarShards(path, { split: 'train' })).classNames).toEqual(['0', '1']);
    await writeFile(join(root, 'data/classes.txt'), 'cat\ndog\nemu\n');
    expect((await tarShards(path, { split: 'train' })).classNames).toEqual(['cat', 'dog', 'emu']);
    await writeFile(join(root, 'data/train/classes.json'), '["x", "y"]');
    expect((await tarShards(path, { split: 'train' })).classNames).toEqual(['x', 'y']);
    await expect(tarShards(path, { split: 'train', classMap: ['x'] })).rejects.toThrow(
      /expected a name for each class, got 1 names from classMap and the label 1/,
    );
  });

  test('missing shards of a numbered set are warned of', async () => {
    await shard('train-00000-of-00003.tar', { '1.jpg': 'one', '1.cls': '1' });
    const warnings: string[] = [];
    await tarShards(root, { onWarning: (message) => warnings.push(message) });
    expect(warnings.join()).toMatch(/there are 1 shards of 3; the others are missing/);
  });
});

describe('the index beside a shard', () => {
  test('is used while it fits, and made again when the shard or the index has changed', async () => {
    const path = await shard('a.tar', { '1.jpg': 'one', '1.cls': '0' });
    await tarShards(path);
    const index = `${path}.index`;
    const first = await readFile(index, 'utf8');
    expect(first.split('\n').slice(1)).toEqual(['512\t3\t0\t1.jpg', '']);
    const { mtimeMs } = await stat(index);
    await tarShards(path);
    expect((await stat(index)).mtimeMs).toBe(mtimeMs);

    // One digit of a label changed by hand: the checksum tells.
    await writeFile(index, first.replace('\t0\t1.jpg', '\t7\t1.jpg'));
    expect((await tarShards(path)).label(0)).toBe(0);
    expect(await readFile(index, 'utf8')).toBe(first);

    await shard('a.tar', { '1.jpg': 'new', '1.cls': '5' });
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    expect(await everything(await tarShards(path))).toEqual([['1.jpg', 5, 'new']]);
    for (const content of ['', 'null\n', '{}\n', first.slice(0, -5)]) {
      await writeFile(index, content);
      expect(await everything(await tarShards(path))).toEqual([['1.jpg', 5, 'new']]);
    }
  });

  test('that cannot be written is warned of, and done without', async () => {
    const path = await shard('a.tar', { '1.jpg': 'one', '1.cls': '0' });
    await mkdir(`${path}.index/full`, { recursive: true });
    const warnings: string[] = [];
    const source = await tarShards(path, { onWarning: (message) => warnings.push(message) });
    expect(source.size).toBe(1);
    expect(warnings.join()).toMatch(/the index could not be written/);
  });
});

describe('what is damaged or incomplete', () => {
  test('a header that fails its checksum is an error with shard and place', async () => {
    const path = await shard('a.tar', { '1.jpg': 'one', '1.cls': '0' });
    const bytes = await readFile(path);
    bytes[1024 + 3]! ^= 1;
    await writeFile(path, bytes);
    await expect(tarShards(path)).rejects.toThrow(
      /expected a tar header at byte 1024 of .*a\.tar, found a header whose checksum is \d+, not \d+ as it says/,
    );
  });

  test('a shard that was cut off is an error, or a warning when only the end mark is gone', async () => {
    const path = await shard('a.tar', { '1.jpg': 'one', '1.cls': '0' });
    await truncate(path, 2048);
    const warnings: string[] = [];
    await tarShards(path, { onWarning: (message) => warnings.push(message) });
    expect(warnings.join()).toMatch(/no end mark/);
    await truncate(path, 2000);
    expect((await tarShards(path)).size).toBe(1);
    await truncate(path, 1536);
    await expect(tarShards(path)).rejects.toThrow(/1\.cls of 1 bytes where 0 are left/);
    await truncate(path, 1500);
    await expect(tarShards(path)).rejects.toThrow(/found 476 bytes/);
  });

  test('data after the end mark is an error: a zeroed header would hide all that follows', async () => {
    const path = await shard('a.tar', { '1.jpg': 'one', '1.cls': '0' });
    await appendFile(path, await readFile(path));
    await expect(tarShards(path)).rejects.toThrow(/the end mark, but data at byte 3072/);
  });

  test('labels that are missing, doubled or no number are errors that name the sample', async () => {
    await expect(tarShards(await shard('a.tar', { '1.jpg': 'x' }))).rejects.toThrow(
      /expected a class number for 1 in .*found neither/,
    );
    await expect(tarShards(await shard('b.tar', { '1.jpg': 'x', '1.cls': '-1' }))).rejects.toThrow(
      /found 1\.cls with "-1"/,
    );
    await expect(
      tarShards(await shard('b.tar', { '1.jpg': 'x', '1.cls': '900000000' })),
    ).rejects.toThrow(/found 1\.cls with "900000000"/);
    await expect(
      tarShards(await shard('c.tar', { '1.jpg': 'x', '1.json': '{"label":"cat"}' })),
    ).rejects.toThrow(/found 1\.json with "\\"cat\\""/);
    await expect(
      tarShards(await shard('d.tar', { '1.jpg': 'x', '1.json': '{}', '1.png': 'y' })),
    ).rejects.toThrow(/expected one image for the key 1 in .*found 1\.jpg and 1\.png/);
    await expect(tarShards(await shard('e.tar', { 'readme.txt': 'x' }))).rejects.toThrow(
      /expected images .* found none/,
    );
    await writeFile(join(root, 'f.tar'), '');
    await expect(tarShards(join(root, 'f.tar'))).rejects.toThrow(/found none/);
    await expect(tarShards(root, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
  });

  test('samples without an image that can be read are warned of', async () => {
    const path = await shard('a.tar', {
      ...{ '1.jpg': 'one', '1.cls': '0', '2.bmp': 'two', '2.cls': '0' },
      ...{ '3.v2.jpg': 'three', '3.cls': '0' },
    });
    const warnings: string[] = [];
    const source = await tarShards(path, { onWarning: (message) => warnings.push(message) });
    expect(source.size).toBe(1);
    expect(warnings).toEqual([
      expect.stringMatching(/a\.tar: 2 samples have no image .*such as 2\.bmp, 3\.v2\.jpg\.$/),
    ]);
  });

  test('an empty image, and one that has gone since, are bad images', async () => {
    const path = await shard('a.tar', { '1.jpg': '', '1.cls': '0', '2.jpg': 'two', '2.cls': '0' });
    const source = await tarShards(path);
    await expect(source.read(0)).rejects.toThrow(/a\.tar:1\.jpg: is empty/);
    expect((await source.read(1)).kind).toBe('encoded');
    await truncate(path, 1024);
    await expect(source.read(1)).rejects.toThrow(BadImageError);
    await expect(source.read(2)).rejects.toThrow(RangeError);
    await source.close();
    await expect(source.read(1)).rejects.toThrow(/closed/);
  });
});

test('a shard that was replaced after it was listed is refused, not read at the old places', async () => {
  const path = await shard('a.tar', { '1.jpg': 'one', '1.cls': '0' });
  const source = await tarShards(path);
  await shard('a.tar', { '1.jpg': 'another', '1.cls': '0' });
  await utimes(path, new Date(), new Date(Date.now() + 5000));
  await expect(source.read(0)).rejects.toThrow(
    /a\.tar: expected the shard as it was .*, found it changed/,
  );
  await source.close();
  expect(await everything(await tarShards(path))).toEqual([['1.jpg', 0, 'another']]);
});

test('more shards than files may stay open are read at the same time', async () => {
  for (let i = 0; i < 100; i++) {
    await shard(`${String(i).padStart(3, '0')}.tar`, { '1.jpg': `image ${i}`, '1.cls': `${i}` });
  }
  const source = await tarShards(root);
  const reads = Array.from({ length: 1000 }, async (_, i) => {
    const image = await source.read((i * 7) % 100);
    return image.kind === 'encoded' && Buffer.from(image.bytes).toString();
  });
  expect(await Promise.all(reads)).toEqual(reads.map((_, i) => `image ${(i * 7) % 100}`));
  await source.close();
});
