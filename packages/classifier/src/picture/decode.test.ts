import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test, vi } from 'vitest';
import { imageDataReader, sharpDecoder } from './decode.ts';
import { readHeader } from './header.ts';
import { networkInput } from './network-input.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);
const digests = JSON.parse(readFileSync(new URL('pictures.json', fixtures), 'utf8')) as object;
const bytesOf = (name: string) => readFileSync(new URL(`pictures/${name}`, fixtures));

test('sharp decodes what Pillow decodes, bit for bit, and turns nothing', async () => {
  const decode = await sharpDecoder();
  const got = Object.keys(digests).map(async (name) => {
    const { data, width, height } = await decode(bytesOf(name), name);
    expect(data.length).toBe(width * height * 3);
    return [name, createHash('sha256').update(data).digest('hex').slice(0, 16)];
  });
  expect(Object.fromEntries(await Promise.all(got))).toEqual(digests);
});

test.each([
  ['turned, in colour', 3, true],
  ['grey', 1, false],
] as const)(
  'image-data makes of each picture the input that its pixels make: %s',
  async (_, channels, exifOrientation) => {
    const [read, decode] = [await imageDataReader(), await sharpDecoder()];
    const filter = { interpolation: 'bicubic', antialias: true } as const;
    const description = { ...{ imageSize: 24, evalResize: 31, channels }, ...filter };
    const inputs = Object.keys(digests).map(async (name) => {
      const bytes = bytesOf(name);
      const orientation = exifOrientation ? readHeader(bytes, name).orientation : 1;
      const expected = networkInput(await decode(bytes, name), description, orientation);
      const got = await read(bytes, name, { ...description, exifOrientation, maxPixels: 1e6 });
      expect([name, ...got]).toEqual([name, ...expected]);
    });
    await Promise.all(inputs);
  },
  120_000,
);

test('a decoder that fails is not the fault of the picture, and the next picture gets another one', async () => {
  const real = await import('@bag-of-tricks/image-data');
  const ended = new Error('a thread has ended');
  let made = 0;
  vi.doMock('@bag-of-tricks/image-data', () => ({
    ...real,
    async createImageDecoder(options: { size: number }) {
      const decoder = await real.createImageDecoder(options);
      // The first one only tries whether there is a library.
      return made++ === 1 ? { ...decoder, decode: () => Promise.reject(ended) } : decoder;
    },
  }));
  const read = await imageDataReader();
  vi.doUnmock('@bag-of-tricks/image-data');
  const filter = { interpolation: 'bicubic', antialias: true, channels: 3 } as const;
  const wanted = { imageSize: 8, evalResize: 8, ...filter, exifOrientation: false, maxPixels: 1e6 };
  await expect(read(bytesOf('plain.jpg'), 'first', wanted)).rejects.toBe(ended);
  const pictures = ['plain.jpg', 'plain.png'].map((name) => read(bytesOf(name), name, wanted));
  for (const input of await Promise.all(pictures)) expect(input).toHaveLength(192);
  expect(made).toBe(3);
  const broken = bytesOf('plain.png').with(100, 7);
  await expect(read(broken, 'second', wanted)).rejects.toMatchObject({
    name: 'BadImageError',
    failure: 'damaged',
  });
});

test('where neither is installed, the error says what to install', async () => {
  const outfile = join(mkdtempSync(join(tmpdir(), 'nothing installed-')), 'decode.mjs');
  const entry = join(import.meta.dirname, 'decode.ts');
  await build({
    ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node' },
    logLevel: 'error',
  });
  const script = `const { findReader } = await import(${JSON.stringify(outfile)}); await findReader();`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
  expect(String(stderr)).toMatch(
    /classify: expected a decoder .* got none \(.*image-data.*; .*sharp.*\)\. Run npm install @bag-of-tricks\/image-data, or sharp, or pass \{ decode \}\n/,
  );
});
