import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createImageDecoder, resizeCenterCrop } from '@bag-of-tricks/image-data';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type InputDescription, networkInput } from './network-input.ts';

const fixture = new URL('../../fixtures/inputs.json', import.meta.url);
type Case = [
  seed: number,
  stored: 3 | 4,
  interpolation: InputDescription['interpolation'],
  ...[height: number, width: number, orientation: number],
  channels: 1 | 3,
  ...[evalResize: number, imageSize: number],
  digest: string,
];
const cases = JSON.parse(readFileSync(fixture, 'utf8')) as Case[];

/** The bytes that generate.py draws. */
function noise(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

test("turned, resized and cropped pixels are Pillow's, bit for bit", () => {
  expect(cases.length).toBeGreaterThan(200);
  for (const [
    seed,
    stored,
    interpolation,
    height,
    width,
    orientation,
    channels,
    ...rest
  ] of cases) {
    const [evalResize, imageSize, digest] = rest;
    const data = noise(height * width * stored, seed);
    const description = { imageSize, channels, evalResize, interpolation, antialias: true };
    const input = networkInput({ data, height, width }, description, orientation);
    const got = createHash('sha256').update(input).digest('hex').slice(0, 16);
    const name = `${seed}: ${height}x${width} to ${evalResize}, ${imageSize} by ${interpolation}`;
    expect([name, got]).toEqual([name, digest]);
  }
});

const side = fc.integer({ min: 1, max: 60 });
const descriptions = fc.record({
  imageSize: side,
  channels: fc.constantFrom(1 as const, 3 as const),
  evalResize: side,
  interpolation: fc.constantFrom('bilinear' as const, 'bicubic' as const, 'lanczos' as const),
  antialias: fc.boolean(),
});

test('every size, filter and crop equals the kernels of image-data, averaging or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      descriptions,
      side,
      side,
      fc.nat(99),
      async (description, height, width, seed) => {
        const { imageSize, evalResize, ...options } = description;
        const decoder = await createImageDecoder({ size: imageSize, threads: 1, ...options });
        const data = noise(height * width * 3, seed);
        const image = { kind: 'pixels', pixels: data, height, width } as const;
        const place = resizeCenterCrop({ size: imageSize, resize: evalResize });
        const placement = place({ height, width }, Math.random);
        const { images } = await decoder.decode([{ image, name: 'noise', placement }]);
        await decoder.dispose();
        expect(networkInput({ data, height, width }, description)).toEqual(new Uint8Array(images));
      },
    ),
    { numRuns: 25 },
  );
});

test('alpha is dropped, whatever it hides, and sides may be getters, as those of an ImageData are', () => {
  const description = { ...{ imageSize: 4, evalResize: 4 }, channels: 3 } as const;
  const filter = { interpolation: 'bicubic', antialias: true } as const;
  const opaque = noise(9 * 7 * 3, 5);
  const data = Uint8Array.from({ length: 9 * 7 * 4 }, (_, i) =>
    i % 4 === 3 ? i % 256 : opaque[Math.floor(i / 4) * 3 + (i % 4)]!,
  );
  const size = { height: 9, width: 7 };
  class Pixels {
    readonly data = data;
    get height() {
      return size.height;
    }
    get width() {
      return size.width;
    }
  }
  expect(networkInput(new Pixels(), { ...description, ...filter })).toEqual(
    networkInput({ data, ...size }, { ...description, ...filter }),
  );
  expect(networkInput({ data, ...size }, { ...description, ...filter })).toEqual(
    networkInput({ data: opaque, ...size }, { ...description, ...filter }),
  );
});
