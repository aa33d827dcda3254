import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { difference, expected, stored } from '../../test/support/pictures.ts';
import {
  BadImageError,
  createImageDecoder,
  type DecodeRequest,
  resizeCenterCrop,
} from '../index.ts';

const baselineJpegs = ['h2v2.jpg', 'h1v1.jpg', 'grey.jpg', 'restart.jpg'];
const names = [
  ...baselineJpegs,
  'progressive.jpg',
  'cmyk.jpg',
  'rgb.png',
  'palette.png',
  'rgba.png',
  'lossy.webp',
  'animated.gif',
];
const place = resizeCenterCrop({ size: 48, resize: 54 });

const share = fc.integer({ min: 0, max: 10_000 }).map((part) => part / 10_000);
const mutation = fc.record({
  name: fc.constantFrom(...names),
  /** Where, as a share of the file, and what. */
  bytes: fc.array(fc.tuple(share, fc.nat(255)), {
    maxLength: 12,
  }),
  kept: fc.oneof(fc.constant(1), share),
});

test('a mutated file is a failure, or shows what another decoder makes of its bytes, and harms no other', {
  tags: ['slow'],
}, async () => {
  const decoder = await createImageDecoder({
    size: { height: 48, width: 48 },
    antialias: true,
    maxPixels: 4_000_000,
    threads: 2,
  });
  const intact = {
    image: stored('h2v2.jpg'),
    name: 'intact',
    placement: place({ height: 101, width: 137 }, Math.random),
  };
  const intactPixels = await expected('h2v2.jpg');
  const pixels = 48 * 48 * 3;
  /** What another decoder, which forgives everything, makes of the same bytes; a PNG has checksums and must be as it was. */
  const independent = async ({ name, image, placement }: DecodeRequest) => {
    if (name.endsWith('.png')) return expected(name);
    // sharp itself decodes WebP and GIF; it converts CMYK by other formulas, and smooths a damaged progressive JPEG otherwise.
    if (image.kind !== 'encoded' || !baselineJpegs.includes(name)) return null;
    const forgiven = await sharp(image.bytes, { failOn: 'none' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
      // It does not forgive everything: a restart marker that is missing at the end.
      .catch(() => null);
    if (forgiven === null) return null;
    const { data, info } = forgiven;
    const { height, width } = info;
    const whole = { kind: 'pixels', pixels: new Uint8Array(data), height, width } as const;
    const { images } = await decoder.decode([{ name, image: whole, placement }]);
    return images;
  };
  let failed = 0;
  let decoded = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 20 }), async (mutations) => {
      const requests = mutations.map(({ name, bytes, kept }) => {
        const mutated = stored(name).bytes;
        for (const [at, value] of bytes) mutated[Math.floor(at * (mutated.length - 1))] = value;
        const image = {
          kind: 'encoded' as const,
          bytes: mutated.subarray(0, kept * mutated.length),
        };
        let size = { height: 101, width: 137 };
        try {
          size = decoder.header(image, name);
        } catch (error) {
          expect(error).toBeInstanceOf(BadImageError);
        }
        return { image, name, placement: place(size, Math.random) };
      });
      const { images, failures } = await decoder.decode([...requests, intact]);
      for (const { error } of failures) expect(error).toBeInstanceOf(BadImageError);
      const bad = new Set(failures.map(({ position }) => position));
      for (const [position, request] of requests.entries()) {
        if (bad.has(position)) continue;
        const actual = images.subarray(position * pixels, (position + 1) * pixels);
        const wanted = await independent(request);
        if (wanted !== null) expect(difference(actual, wanted)).toEqual({ mean: 0, max: 0 });
      }
      failed += failures.length;
      decoded += requests.length - failures.length;
      const last = images.subarray(requests.length * pixels);
      expect(difference(last, intactPixels).max).toBe(0);
    }),
    { numRuns: 100 },
  );
  // The mutations are neither all harmless nor all fatal.
  expect(failed).toBeGreaterThan(50);
  expect(decoded).toBeGreaterThan(50);
  await decoder.dispose();
});
