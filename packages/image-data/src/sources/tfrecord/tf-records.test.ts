import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeExample, encodeRecord } from '../../../test/support/write-records.ts';
import { BadImageError, type ImageSource, tfRecords } from '../../index.ts';
import { crc32c } from './crc32c.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tf-records-'));
});
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
  await rm(root, { recursive: true });
});

const opened: ImageSource[] = [];
/** As `tfRecords`, closed after the test. */
async function open(...args: Parameters<typeof tfRecords>): Promise<ImageSource> {
  const source = await tfRecords(...args);
  opened.push(source);
  return source;
}

const FIXTURE = fileURLToPath(new URL('../../../fixtures/imagenet.tfrecord', import.meta.url));

async function file(name: string, ...records: Buffer[]): Promise<string> {
  const path = join(root, name);
  await writeFile(path, Buffer.concat(records));
  return path;
}

const example = (image: string, label: number, text?: string) =>
  encodeRecord(
    encodeExample({
      'image/encoded': Buffer.from(image),
      'image/class/label': label,
      ...(text === undefined ? {} : { 'image/class/text': Buffer.from(text) }),
    }),
  );

async function read(source: ImageSource, index: number): Promise<string> {
  const image = await source.read(index);
  return image.kind === 'encoded' ? Buffer.from(image.bytes).toString('latin1') : 'pixels';
}

test('CRC-32C of the examples in RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test('a file made by the Python package tfrecord is read with labels, names and texts', async () => {
  const path = join(root, 'train-00000-of-00001');
  await copyFile(FIXTURE, path);
  for (const _ of ['first opening', 'from the index']) {
    const source = await open(root, { split: 'train' });
    expect([0, 1, 2].map((i) => source.label(i))).toEqual([0, 299, 1]);
    expect(source.classNames).toHaveLength(300);
    expect(source.classNames.slice(0, 3)).toEqual(['tench, Tinca tinca', 'goldfish', '2']);
    expect(source.classNames[299]).toBe('meerkat, mierkat');
    expect(await read(source, 0)).toBe('\xff\xd8first');
    expect(await read(source, 1)).toBe(`\xff\xd8${'second'.repeat(100)}`);
    expect(source.describe(2)).toBe(`${path}:record 2 (n01443537_2.JPEG)`);
  }
});

describe('features', () => {
  test('have other names and count from 0 when told so, also after another reading left an index', async () => {
    const path = await file(
      'x-train.tfrecord-00000-of-00001',
      encodeRecord(encodeExample({ image: Buffer.from('one'), label: 0, 'image/encoded': 5 })),
      encodeRecord(encodeExample({ label: 3, image: Buffer.from('two') })),
    );
    await expect(tfRecords(path)).rejects.toThrow(
      /expected bytes in image\/encoded and a whole number in image\/class\/label of record 0 of .*, found the features image, label, image\/encoded\. Name the right ones/,
    );
    const keys = { imageKey: 'image', labelKey: 'label' };
    await expect(tfRecords(path, keys)).rejects.toThrow(
      /from 1 to 1048576, got 0\..*say labelOffset: 0/,
    );
    const source = await open(root, { ...keys, labelOffset: 0, split: 'train' });
    expect([source.label(0), source.label(1)]).toEqual([0, 3]);
    expect(source.classNames).toEqual(['0', '1', '2', '3']);
    expect(await read(source, 1)).toBe('two');
    await expect(tfRecords(path, { labelOffset: -1 })).rejects.toThrow(RangeError);
    await expect(tfRecords(path, { ...keys, labelOffset: 2 })).rejects.toThrow(
      /from 2 to \d+, got 0/,
    );
  });

  test('labels that are negative or beyond 2^53 are refused', async () => {
    const path = await file('a.tfrecord', example('x', -1));
    await expect(tfRecords(path)).rejects.toThrow(/to be from 1 to 1048576, got -1/);
    const far = await file('b.tfrecord', example('x', 2 ** 60));
    await expect(tfRecords(far)).rejects.toThrow(
      /to be from 1 to 1048576, got 1152921504606847000/,
    );
  });

  test('records that are no tf.Example are told apart from damaged ones', async () => {
    const path = await file('a.tfrecord', encodeRecord(Buffer.from('just text')));
    await expect(tfRecords(path)).rejects.toThrow(/expected a tf\.Example as record 0 of/);
    await expect(
      tfRecords(await file('b.tfrecord', encodeRecord(Buffer.alloc(0)))),
    ).rejects.toThrow(/found the features \(none\)/);
    await expect(tfRecords(await file('c.tfrecord'))).rejects.toThrow(/expected records in/);
    await expect(tfRecords(root, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
  });
});

describe('damage', () => {
  test('in the data makes that record a bad image, and no other', async () => {
    const first = example('first', 1, 'cat');
    const path = await file('a.tfrecord', first, example('second', 2, 'dog'));
    const bytes = await readFile(path);
    bytes[first.indexOf('first')]! ^= 1;
    await writeFile(path, bytes);
    const source = await open(path);
    await expect(source.read(0)).rejects.toThrow(BadImageError);
    await expect(source.read(0)).rejects.toThrow(/a\.tfrecord:record 0: fails its CRC/);
    expect(await read(source, 1)).toBe('second');
    expect(source.classNames).toEqual(['0', 'dog']);
  });

  test('after the opening is noticed when the record is read', async () => {
    const path = await file('a.tfrecord', example('first', 1), example('second', 1));
    const source = await open(path);
    const bytes = await readFile(path);
    bytes[bytes.indexOf('second')]! ^= 1;
    await writeFile(path, bytes);
    await expect(source.read(1)).rejects.toThrow(BadImageError);
    expect(await read(source, 0)).toBe('first');
    await file('a.tfrecord', example('first', 2), example('second', 1));
    await expect(source.read(0)).rejects.toThrow(/expected class 0 as when .*, got 1/);
  });

  test('in a length, or a file cut off, is an error with file and place', async () => {
    const first = example('first', 1);
    const path = await file('a.tfrecord', first, example('second', 1));
    const bytes = await readFile(path);
    await truncate(path, bytes.length - 1);
    await expect(tfRecords(path)).rejects.toThrow(/found a record of \d+ bytes where \d+ are left/);
    await truncate(path, first.length + 5);
    await expect(tfRecords(path)).rejects.toThrow(
      new RegExp(`expected a record at byte ${first.length} of .*, found the end of the file`),
    );
    bytes[first.length]! ^= 1;
    await writeFile(path, bytes);
    await expect(tfRecords(path)).rejects.toThrow(/found a length that fails its CRC/);
    await writeFile(path, gzipSync(first));
    await expect(tfRecords(path)).rejects.toThrow(/found gzip: unpack the file with gunzip first/);
  });
});
