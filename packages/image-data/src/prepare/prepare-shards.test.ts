import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ImageSource, imageFolder, tarShards } from '../index.ts';
import { tarMember } from '../sources/tar/tar-writer.ts';
import { inOrder } from './in-order.ts';
import { prepareShards } from './prepare-shards.ts';

let photos: string;
let output: string;
/** 20 photographs in two classes: large JPEGs, one turned by its EXIF tag, small ones, a PNG with alpha. */
beforeAll(async () => {
  photos = await mkdtemp(join(tmpdir(), 'prepare-photos-'));
  await mkdir(join(photos, 'cat'));
  await mkdir(join(photos, 'dog/deep'), { recursive: true });
  for (let i = 0; i < 20; i++) {
    const noise = Buffer.from(
      Uint8Array.from({ length: 80 * 60 * 3 }, (_, k) => (k * (i + 3)) % 251),
    );
    const photo = sharp(noise, { raw: { width: 80, height: 60, channels: 3 } });
    if (i === 3) photo.resize(20, 16);
    const path = join(photos, i % 2 ? 'dog/deep' : 'cat', `photo.${i}`);
    if (i === 4) await photo.ensureAlpha(0.5).png().toFile(`${path}.png`);
    else if (i === 5) await photo.withMetadata({ orientation: 6 }).jpeg().toFile(`${path}.jpg`);
    else await photo.jpeg({ quality: 95 }).toFile(`${path}.JPEG`);
  }
});
afterAll(() => rm(photos, { recursive: true }));
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), 'prepare-output-'));
});
afterEach(() => rm(output, { recursive: true, force: true }));

/** Label and bytes of every image, by its name without extension. */
async function content(source: ImageSource): Promise<Map<string, string>> {
  const images = new Map<string, string>();
  for (let i = 0; i < source.size; i++) {
    const image = await source.read(i);
    if (image.kind !== 'encoded') throw new Error('expected encoded images');
    const number = /photo[._](\d+)\.\w+$/.exec(source.describe(i))![1]!;
    const digest = createHash('sha256').update(image.bytes).digest('hex');
    images.set(number, `${source.classNames[source.label(i)]} ${digest}`);
  }
  await source.close();
  return images;
}

/** A PNG with a colour profile put behind its header. */
function withProfile(png: Buffer, profile: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from('iCCPp3\0\0', 'latin1'), deflateSync(profile)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length - 4);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(data));
  const headerEnd = 8 + 12 + 13;
  return Buffer.concat([png.subarray(0, headerEnd), length, data, sum, png.subarray(headerEnd)]);
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

describe('prepareShards', () => {
  test('without a short side all come back byte for byte, with their classes, shuffled', async () => {
    const source = await imageFolder(photos);
    const manifest = await prepareShards({ source, output, shardSize: 6 });
    expect(manifest.complete).toBe(true);
    expect(manifest.shards.map(({ images }) => images)).toEqual([6, 6, 6, 2]);
    expect(JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8'))).toEqual(manifest);
    for (const { file, sha256: sum, bytes } of manifest.shards) {
      expect(await sha256(join(output, file))).toBe(sum);
      expect((await readFile(join(output, file))).length).toBe(bytes);
    }
    const warnings: string[] = [];
    const shards = await tarShards(output, { onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual([]);
    expect(shards.classNames).toEqual(['cat', 'dog']);
    expect(shards.describe(0)).toMatch(/00000-of-00004\.tar:00000000-photo_\d+\.\w+$/);
    expect(new Set([0, 1, 2, 3, 4, 5].map((i) => shards.label(i))).size).toBe(2);
    expect(await content(shards)).toEqual(await content(source));
  });

  test('the index that it writes is the one that a reader would make', async () => {
    const source = await imageFolder(photos);
    const { shards } = await prepareShards({ source, output, shardSize: 7 });
    for (const { file } of shards) {
      const index = join(output, `${file}.index`);
      const written = await readFile(index, 'utf8');
      await rm(index);
      await tarShards(join(output, file));
      expect(await readFile(index, 'utf8')).toBe(written);
    }
  });

  test('with a short side larger images are reduced, smaller ones kept, tags kept', async () => {
    const source = await imageFolder(photos);
    await prepareShards({ source, output, shortSide: 32, quality: 80 });
    const originals = await content(source);
    const shards = await tarShards(output);
    const kept = await content(await tarShards(output));
    expect([...kept].filter(([number, image]) => originals.get(number) === image)).toHaveLength(1);
    expect(kept.get('3')).toBe(originals.get('3'));
    for (let i = 0; i < shards.size; i++) {
      const image = await shards.read(i);
      if (image.kind !== 'encoded') throw new Error('expected encoded images');
      const { width, height, format, channels, orientation } = await sharp(image.bytes).metadata();
      const isSmall = shards.describe(i).includes('photo_3.');
      expect([width, height, format, channels]).toEqual(
        isSmall ? [20, 16, 'jpeg', 3] : [43, 32, 'jpeg', 3],
      );
      expect(orientation ?? 1).toBe(shards.describe(i).includes('photo_5.') ? 6 : 1);
    }
    await shards.close();
  });

  test('pixels become PNGs without loss', async () => {
    const { syntheticImages } = await import('../index.ts');
    const source = syntheticImages({ size: 5, imageSize: 8, numClasses: 2 });
    await prepareShards({ source, output });
    const shards = await tarShards(output);
    for (let i = 0; i < 5; i++) {
      const image = await shards.read(i);
      const number = Number(/images_(\d)\.png/.exec(shards.describe(i))![1]);
      const original = await source.read(number);
      if (image.kind !== 'encoded' || original.kind !== 'pixels') throw new Error('other kinds');
      expect(new Uint8Array(await sharp(image.bytes).raw().toBuffer())).toEqual(original.pixels);
      expect(shards.label(i)).toBe(source.label(number));
    }
    await shards.close();
  });

  test('tells progress, and stops at an abort with the finished shards kept', async () => {
    const source = await imageFolder(photos);
    const controller = new AbortController();
    const stopped = prepareShards({
      source,
      output,
      shardSize: 4,
      shortSide: 32,
      concurrency: 3,
      signal: controller.signal,
      onProgress: ({ images }) => {
        if (images === 10) controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect((await readdir(output)).filter((name) => name.endsWith('.tar'))).toHaveLength(2);
    expect((await readdir(output)).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
    const damaged = join(output, '00001-of-00005.tar');
    const bytes = await readFile(damaged);
    bytes[600]! ^= 1;
    await writeFile(damaged, bytes);
    const told: number[][] = [];
    await prepareShards({
      source,
      output,
      shardSize: 4,
      shortSide: 32,
      onProgress: (p) => told.push([p.images, p.shards, p.keptShards]),
    });
    // The first shard is kept, the damaged one made again.
    expect(told[0]).toEqual([4, 1, 1]);
    expect(told.at(-1)).toEqual([20, 5, 1]);
    const resumed = await readFile(join(output, 'manifest.json'), 'utf8');
    await rm(output, { recursive: true });
    await prepareShards({ source, output, shardSize: 4, shortSide: 32 });
    expect(await readFile(join(output, 'manifest.json'), 'utf8')).toBe(resumed);
  });

  test('does not mix settings or sources, nor overwrite another manifest', async () => {
    const source = await imageFolder(photos);
    await prepareShards({ source, output, shortSide: 32 });
    await expect(prepareShards({ source, output, shortSide: 40 })).rejects.toThrow(
      /with the same settings, got shortSide 40 where its shards have 32/,
    );
    const other = await imageFolder(photos, { classMap: ['dog', 'cat'] });
    await expect(prepareShards({ source: other, output, shortSide: 32 })).rejects.toThrow(
      /got sourceSha256/,
    );
    const notes = join(output, 'notes');
    await mkdir(notes);
    await writeFile(join(notes, 'classes.json'), 'mine');
    await expect(prepareShards({ source, output: notes })).rejects.toThrow(
      /expected .*notes to be empty or to hold shards .*, found classes\.json/,
    );
    expect(await readFile(join(notes, 'classes.json'), 'utf8')).toBe('mine');
    await writeFile(join(output, 'manifest.json'), '{"format": "npm"}');
    await expect(prepareShards({ source, output })).rejects.toThrow(/found something else/);
  });

  test('stops at a bad image, or leaves it out and lists it', async () => {
    const folder = join(output, 'in');
    for (const name of ['a', 'b']) await mkdir(join(folder, name), { recursive: true });
    const good = await readFile(join(photos, 'cat/photo.0.JPEG'));
    await writeFile(join(folder, 'a/good.jpg'), good);
    await writeFile(join(folder, 'a/half.jpg'), good.subarray(0, good.length / 2));
    await writeFile(join(folder, 'b/empty.jpg'), '');
    await writeFile(join(folder, 'b/text.jpg'), 'not an image');
    const source = await imageFolder(folder);
    const out = join(output, 'out');
    await expect(prepareShards({ source, output: out, shortSide: 32 })).rejects.toThrow(
      /expected none \(bad images: fail\), got 1:/,
    );
    expect((await readdir(out)).filter((name) => name.includes('.tar'))).toEqual([]);
    const bad: string[] = [];
    const manifest = await prepareShards({
      source,
      output: out,
      shortSide: 32,
      badImages: 'skip',
      maxBadFraction: 0.75,
      onSkip: ({ image }) => bad.push(image),
    });
    expect(manifest.images).toBe(1);
    expect(manifest.shards[0]!.skipped.map(({ image }) => image)).toEqual(bad);
    expect(bad.map((image) => image.slice(folder.length)).sort()).toEqual([
      '/a/half.jpg',
      '/b/empty.jpg',
      '/b/text.jpg',
    ]);
    expect((await tarShards(out)).size).toBe(1);
  });

  test('calling it again does not raise the limit on bad images', async () => {
    const folder = join(output, 'in', 'a');
    await mkdir(folder, { recursive: true });
    const good = await readFile(join(photos, 'cat/photo.0.JPEG'));
    for (let i = 0; i < 12; i++) await writeFile(join(folder, `${i}.jpg`), i % 2 ? good : 'bad');
    const source = await imageFolder(join(output, 'in'));
    const out = join(output, 'out');
    const policy = { badImages: 'skip', maxBadFraction: 0.25 } as const;
    for (let call = 0; call < 4; call++) {
      const again = prepareShards({ source, output: out, shardSize: 1, ...policy });
      await expect(again).rejects.toThrow(
        /expected at most 3 of the 12 images \(maxBadFraction 0.25, rounded up\), got 4:/,
      );
    }
    const raised = await prepareShards({
      source,
      output: out,
      shardSize: 1,
      badImages: 'skip',
      maxBadFraction: 0.5,
    });
    expect(raised.images).toBe(6);
    const named: string[] = [];
    const kept = {
      source,
      output: out,
      shardSize: 1,
      onSkip: ({ image }: { image: string }) => named.push(image),
    };
    await expect(prepareShards(kept)).rejects.toThrow(/expected none/);
    expect(named).toHaveLength(1);
  });

  test('a colour profile changes no pixel, as it changes none in training', async () => {
    const folder = join(output, 'in', 'a');
    await mkdir(folder, { recursive: true });
    const orange = sharp({ create: { width: 80, height: 60, channels: 3, background: '#cb4834' } });
    const plain = await orange.clone().png().toBuffer();
    const { icc } = await sharp(await orange.withIccProfile('p3').png().toBuffer()).metadata();
    await writeFile(join(folder, 'plain.png'), plain);
    await writeFile(join(folder, 'tagged.png'), withProfile(plain, icc!));
    const source = await imageFolder(join(output, 'in'));
    await prepareShards({ source, output: join(output, 'out'), shortSide: 32 });
    const shards = await tarShards(join(output, 'out'));
    const pixels = await Promise.all(
      [0, 1].map(async (index) => {
        const image = await shards.read(index);
        if (image.kind !== 'encoded') throw new Error('expected encoded images');
        return sharp(image.bytes, { ignoreIcc: true }).raw().toBuffer();
      }),
    );
    expect(pixels[0]!.equals(pixels[1]!)).toBe(true);
    await shards.close();
  });

  test('refuses options that are out of range', async () => {
    const source = await imageFolder(photos);
    const options = { shortSide: 0, quality: 101, shardSize: 1.5, seed: -1, concurrency: 0 };
    for (const [option, value] of Object.entries(options)) {
      await expect(prepareShards({ source, output, [option]: value })).rejects.toThrow(
        new RegExp(`expected ${option} to be a whole number`),
      );
    }
    expect(() => tarMember('ä', new Uint8Array(1))).toThrow(RangeError);
    expect(() => tarMember('', new Uint8Array(1))).toThrow(RangeError);
    expect(() => tarMember('x'.repeat(101), new Uint8Array(1))).toThrow(RangeError);
  });
});

test('killed at any moment it leaves no half shard, and the next run finishes', {
  tags: ['slow'],
}, async () => {
  const script = join(output, 'run.mjs');
  const shards = join(output, 'shards');
  // A process of its own needs the build, which `turbo test` makes first.
  const index = new URL('../../dist/index.js', import.meta.url).href;
  await writeFile(
    script,
    `import { imageFolder, prepareShards } from ${JSON.stringify(index)};
     const source = await imageFolder(${JSON.stringify(photos)});
     await prepareShards({ source, output: ${JSON.stringify(shards)}, shardSize: 2, shortSide: 32,
       onProgress: ({ images }) => process.send(images) });`,
  );
  for (const killAt of [1, 4, 9, 20, 20]) {
    await new Promise<void>((resolve, reject) => {
      const child = fork(script);
      child.on('message', (images) => {
        if (images === killAt && killAt < 20) child.kill('SIGKILL');
      });
      child.on('error', reject);
      child.on('exit', () => resolve());
    });
    for (const name of await readdir(shards).catch(() => [] as string[])) {
      if (name.endsWith('.tar')) await tarShards(join(shards, name));
    }
  }
  expect((await readdir(shards)).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  const source = await tarShards(shards);
  expect((await content(source)).size).toBe(20);
});

test('inOrder keeps the order, the limit, and waits for what runs when it stops', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 20 - 4 * (item % 5)));
    running--;
    if (item === 7) throw new Error('seven');
    return item;
  };
  const results: number[] = [];
  for await (const result of inOrder([0, 1, 2, 3, 4, 5], 3, work)) results.push(result);
  expect(results).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(3);
  const failing = async () => {
    for await (const _ of inOrder([6, 7, 8, 9], 3, work));
  };
  await expect(failing()).rejects.toThrow('seven');
  expect(running).toBe(0);
});
