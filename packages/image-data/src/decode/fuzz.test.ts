import { BadImageError, createImageDecoder, resizeCenterCrop } from '@bag-of-tricks/image-data';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { difference, expected, stored } from '../../test/support/pictures.ts';

const names = [
  'h2v2.jpg',
  'progressive.jpg',
  'restart.jpg',
  'cmyk.jpg',
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

test('mutated files are complete images or failures, and never more than that', {
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
  const wanted = await expected('h2v2.jpg');
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
      failed += failures.length;
      decoded += requests.length - failures.length;
      const last = images.subarray(requests.length * 48 * 48 * 3);
      expect(difference(last, wanted).max).toBe(0);
    }),
    { numRuns: 100 },
  );
  // The mutations are neither all harmless nor all fatal.
  expect(failed).toBeGreaterThan(50);
  expect(decoded).toBeGreaterThan(50);
  await decoder.dispose();
});
