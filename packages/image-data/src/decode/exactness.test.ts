import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeOne, difference, expected, fixture } from '../../test/support/pictures.ts';
import { createImageDecoder, type ImageDecoder, resizeCenterCrop } from '../index.ts';

const size = { height: 48, width: 48 };
const evaluation = resizeCenterCrop({ size: 48, resize: 54 });
let decoder: ImageDecoder;
let plain: ImageDecoder;

beforeAll(async () => {
  decoder = await createImageDecoder({ size, antialias: true, threads: 1 });
  plain = await createImageDecoder({ size, threads: 1 });
});
afterAll(async () => {
  await decoder.dispose();
  await plain.dispose();
});

const exact = [
  ...['h2v2.jpg', 'h2v1.jpg', 'h1v1.jpg', 'progressive.jpg', 'restart.jpg', 'grey.jpg', 'cmyk.jpg'],
  ...[
    'rgb.png',
    'rgba.png',
    'grey-alpha.png',
    'grey.png',
    'palette.png',
    'palette-transparent.png',
  ],
  ...['bilevel.png', 'lossless.webp', 'lossy.webp', 'alpha.webp', 'animated.gif'],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => `orientation-${orientation}.jpg`),
];

test.each(exact)("%s is torchvision's evaluation input, bit for bit", async (name) => {
  const actual = await decodeOne(decoder, name, evaluation);
  expect(difference(actual, await expected(name))).toEqual({ mean: 0, max: 0 });
});

test.each(exact.filter((name) => name.endsWith('.jpg')))(
  'without the library, sharp decodes %s to the same bits',
  async (name) => {
    const options = { size, antialias: true, threads: 1, jpegDecoder: 'sharp' } as const;
    const sharp = await createImageDecoder(options);
    const actual = await decodeOne(sharp, name, evaluation);
    expect(difference(actual, await expected(name))).toEqual({ mean: 0, max: 0 });
    await sharp.dispose();
  },
);

test("the 256/224 protocol is torchvision's, bit for bit", async () => {
  const protocol = await createImageDecoder({ size: { height: 224, width: 224 }, antialias: true });
  const actual = await decodeOne(protocol, 'protocol.jpg', resizeCenterCrop());
  expect(difference(actual, await expected('protocol.jpg'))).toEqual({ mean: 0, max: 0 });
  await protocol.dispose();
});

const windows = fixture<[number, number, number, number][]>('windows.json').map(
  (window, index) => ({
    index,
    window,
  }),
);
const inWindow =
  ([top, left, height, width]: [number, number, number, number], flip = false) =>
  () => ({
    window: { top, left, height, width },
    resized: size,
    offset: { top: 0, left: 0 },
    flip,
  });

test.each(windows)("window $index with antialiasing is Pillow's", async ({ index, window }) => {
  const actual = await decodeOne(decoder, 'h2v2.jpg', inWindow(window));
  expect(difference(actual, await expected(`window-${index}-antialias`)).max).toBe(0);
});

test.each(windows)(
  'window $index without antialiasing is the half-pixel bilinear mix, to one level',
  async ({ index, window }) => {
    const actual = await decodeOne(plain, 'h2v2.jpg', inWindow(window));
    const { mean, max } = difference(actual, await expected(`window-${index}-plain`));
    expect(max).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(0.3);
  },
);

test('a flipped image is the image mirrored', async () => {
  const window = [16, 32, 81, 77] as [number, number, number, number];
  const straight = await decodeOne(decoder, 'h2v2.jpg', inWindow(window));
  const flipped = await decodeOne(decoder, 'h2v2.jpg', inWindow(window, true));
  const pixel = (image: Uint8Array, x: number, y: number) =>
    image.subarray((y * 48 + x) * 3, (y * 48 + x + 1) * 3);
  for (let y = 0; y < 48; y++) {
    for (let x = 0; x < 48; x++) expect(pixel(flipped, x, y)).toEqual(pixel(straight, 47 - x, y));
  }
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'orientation %i turns the image upright where it is asked for',
  async (orientation) => {
    const upright = await createImageDecoder({
      size: { height: 40, width: 40 },
      antialias: true,
      exifOrientation: true,
      threads: 1,
    });
    const place = () => ({
      window: { top: 5, left: 7, height: 36, width: 30 },
      resized: { height: 40, width: 40 },
      offset: { top: 0, left: 0 },
      flip: false,
    });
    const actual = await decodeOne(upright, `orientation-${orientation}.jpg`, place);
    const { max } = difference(actual, await expected(`upright-${orientation}`));
    expect(max).toBe(0);
    await upright.dispose();
  },
);

test.each([
  // How far the fast decoder may be in the mean; saturated lines are harder on it than the photographs it is for.
  [{ size: 200, antialias: true }, 1.5],
  [{ size: 100, antialias: true }, 3.5],
  [{ size: 50, antialias: true }, 3.5],
  [{ size: 50, antialias: false }, 2],
])('the fast decoder stays near the exact one: %j', async ({ size: side, antialias }, limit) => {
  const options = { size: { height: side, width: side }, antialias, threads: 1 };
  const place = resizeCenterCrop({ size: side, resize: side });
  const exactly = await createImageDecoder(options);
  const fast = await createImageDecoder({ ...options, jpeg: 'fast' });
  const wanted = await decodeOne(exactly, 'protocol.jpg', place);
  const { mean } = difference(await decodeOne(fast, 'protocol.jpg', place), wanted);
  expect(mean).toBeLessThan(limit);
  expect(mean).toBeGreaterThan(0);
  await Promise.all([exactly.dispose(), fast.dispose()]);
});
