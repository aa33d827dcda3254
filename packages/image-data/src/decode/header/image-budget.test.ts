// What one image may cost is counted from its header; hostile ones are refused before a decoder sees them.

import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { BadImageError } from '../../bad-image-error.ts';
import { createImageDecoder, padCropFlip } from '../../index.ts';
import { defaultBudget, type ImageBudget } from './image-budget.ts';
import { readHeader } from './read-header.ts';

const SIDE = 64;
const PIXELS = SIDE * SIDE;

function picture(channels: 3 | 4 = 3): Sharp {
  const background = { r: 90, g: 120, b: 30, alpha: 0.5 };
  return sharp({ create: { width: SIDE, height: SIDE, channels, background } });
}

const encoded = (bytes: Uint8Array) => ({ kind: 'encoded', bytes }) as const;
const header = (bytes: Uint8Array, budget: Partial<ImageBudget> = {}) =>
  readHeader(encoded(bytes), 'train/cat/1', {
    ...defaultBudget,
    ...budget,
    exifOrientation: false,
  });

// A process that decoded 6000x6000 pixels of one colour grew by 6.2, 7.2 and 9.2 bytes a pixel (JPEG in colour), 6.5, 10.4, 7.0 and 14.5
// (PNG), 10.4 (WebP) and 10.6 (GIF).
test.each([
  ['a baseline JPEG', () => picture().jpeg(), 6],
  [
    'a progressive JPEG with colour at half the resolution',
    () => picture().jpeg({ progressive: true }),
    9,
  ],
  [
    'one at full resolution',
    () => picture().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
    12,
  ],
  ['one in grey', () => picture().toColourspace('b-w').jpeg({ progressive: true }), 8],
  ['a PNG', () => picture().png(), 6],
  ['an interlaced PNG with alpha', () => picture(4).png({ progressive: true }), 10],
  ['a PNG of 16 bits', () => picture().toColourspace('rgb16').png(), 6],
  [
    'one interlaced and with alpha',
    () => picture(4).toColourspace('rgb16').png({ progressive: true }),
    14,
  ],
  ['a lossy WebP', () => picture().webp(), 10],
  ['a GIF', () => picture().gif(), 10],
] as const)('%s takes so many bytes a pixel', async (_, encode, bytesPerPixel) => {
  const bytes = await encode().toBuffer();
  const maxImageBytes = PIXELS * bytesPerPixel;
  expect(header(bytes, { maxImageBytes })).toMatchObject({ height: SIDE, width: SIDE });
  expect(() => header(bytes, { maxImageBytes: maxImageBytes - 1 })).toThrow(BadImageError);
  expect(() => header(bytes, { maxImageBytes: maxImageBytes - 1 })).toThrow(
    /^train\/cat\/1: 64x64 pixels that take 1 MiB to decode are more than maxImageBytes \(1 MiB\) allows$/,
  );
});

/** A progressive JPEG whose last scan, which adds a bit to each coefficient, comes again and again. */
async function manyScans(repeats: number): Promise<Buffer> {
  const jpeg = await picture().jpeg({ progressive: true }).toBuffer();
  const end = jpeg.length - 2;
  const scan = jpeg.subarray(jpeg.lastIndexOf(Buffer.of(0xff, 0xda)), end);
  const again = Array.from({ length: repeats }, () => scan);
  return Buffer.concat([jpeg.subarray(0, end), ...again, jpeg.subarray(end)]);
}

test('the scans of a progressive JPEG are counted, and those of others are one', async () => {
  const limit = (scans: number) => ({ maxScanPixels: PIXELS * scans });
  expect(header(await manyScans(5), limit(15))).toMatchObject({ height: SIDE });
  const beyond = header.bind(null, await manyScans(6), limit(15));
  expect(beyond).toThrow(
    'train/cat/1: 16 scans of 64x64 pixels are more than maxScanPixels (61440) allows',
  );
  // A decoder of a baseline JPEG stops after its scan, whatever follows.
  const baseline = await picture().jpeg().toBuffer();
  const scan = baseline.subarray(baseline.lastIndexOf(Buffer.of(0xff, 0xda)), -2);
  expect(header(Buffer.concat([baseline.subarray(0, -2), scan, scan]), limit(1))).toBeDefined();
  // Cut short anywhere, even within a marker, it is counted as far as it goes.
  const whole = await manyScans(3);
  for (let length = whole.length; length > 700; length -= 1) {
    expect(() => header(whole.subarray(0, length), limit(13))).not.toThrow();
  }
});

test('a small file that would be decoded for minutes is a bad image at once', async () => {
  // 20 million pixels of one colour; each of the 40,000 scans of 31 bytes goes over all of them: some 20 minutes.
  const hostile = await manyScans(40_000);
  const frame = hostile.indexOf(Buffer.of(0xff, 0xc2));
  hostile.writeUInt16BE(4000, frame + 5);
  hostile.writeUInt16BE(5000, frame + 7);
  expect(hostile.length).toBeLessThan(1_700_000);
  const decoder = await createImageDecoder({ size: 8, threads: 1 });
  const placement = padCropFlip({ size: 8, padding: 0, flip: 0 })(
    { height: 8, width: 8 },
    Math.random,
  );
  const request = { image: encoded(hostile), name: 'train/cat/1', placement };
  const { failures } = await decoder.decode([request]);
  expect(failures.map(({ error }) => error.message)).toEqual([
    'train/cat/1: 40010 scans of 5000x4000 pixels are more than maxScanPixels (2147483648) allows',
  ]);
  await decoder.dispose();
});

test('a budget that is no whole number is refused', async () => {
  for (const name of ['maxPixels', 'maxImageBytes', 'maxScanPixels']) {
    const options = { size: 8, [name]: 0.5 };
    await expect(createImageDecoder(options)).rejects.toThrow(
      `expected ${name} to be a whole number above 0`,
    );
  }
});
