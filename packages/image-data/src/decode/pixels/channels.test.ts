// Pixels of one and of three channels, resized or not, in every combination of stored and wanted.

import { grayAt } from '@bag-of-tricks/image-resize';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeded, stored } from '../../../test/support/pictures.ts';
import {
  createImageDecoder,
  type ImageDecoder,
  padCropFlip,
  resizeCenterCrop,
  type StoredPixels,
} from '../../index.ts';

const side = 20;
let gray: ImageDecoder;
let color: ImageDecoder;
beforeAll(async () => {
  gray = await createImageDecoder({ size: side, channels: 1, threads: 1 });
  color = await createImageDecoder({ size: side, threads: 1 });
});
afterAll(() => Promise.all([gray.dispose(), color.dispose()]));

const random = seeded(1);
const bytes = (length: number) => Uint8Array.from({ length }, () => 1 + Math.floor(255 * random()));
const grayImage: StoredPixels = {
  ...{ kind: 'pixels', pixels: bytes(side * side), height: side, width: side, channels: 1 },
};
const tripled = (pixels: Uint8Array) => Uint8Array.from([...pixels].flatMap((v) => [v, v, v]));
const asColor: StoredPixels = { ...grayImage, pixels: tripled(grayImage.pixels), channels: 3 };
const every3rd = (pixels: Uint8Array) => pixels.filter((_, i) => i % 3 === 0);
const grayOf = (pixels: Uint8Array) =>
  Uint8Array.from({ length: pixels.length / 3 }, (_, i) => grayAt(pixels, 3 * i));

const moved = padCropFlip({ size: side, padding: 3, flip: 1 })(grayImage, seeded(4));
const shrunk = resizeCenterCrop({ size: side, resize: 23 })(grayImage, random);

async function decode(decoder: ImageDecoder, image: StoredPixels, placement = moved) {
  const { images, failures } = await decoder.decode([{ image, name: 'made up', placement }]);
  expect(failures).toEqual([]);
  return images;
}

test.each([
  ['moved and mirrored', moved],
  ['resized', shrunk],
])(
  'grey pixels that are %s are those of a colour image with three equal channels',
  async (_, placement) => {
    const reference = await decode(color, asColor, placement);
    expect(await decode(color, grayImage, placement)).toEqual(reference);
    expect(await decode(gray, grayImage, placement)).toEqual(every3rd(reference));
    expect(await decode(gray, asColor, placement)).toEqual(every3rd(reference));
  },
);

test('colours become their grey, before they are resized', async () => {
  const image: StoredPixels = { ...asColor, pixels: bytes(side * side * 3) };
  const first = { ...grayImage, pixels: grayOf(image.pixels) };
  for (const placement of [moved, shrunk]) {
    expect(await decode(gray, image, placement)).toEqual(await decode(gray, first, placement));
  }
  expect(await decode(gray, image)).toEqual(grayOf(await decode(color, image)));
});

test("a JPEG's grey is that of its colours", async () => {
  const image = stored('h2v2.jpg');
  const header = gray.header(image, 'h2v2.jpg');
  const placement = {
    window: { top: 7, left: 9, height: side, width: side },
    resized: { height: side, width: side },
    offset: { top: 0, left: 0 },
    flip: false,
  };
  const request = { image, name: 'h2v2.jpg', header, placement };
  const [one, three] = [await gray.decode([request]), await color.decode([request])];
  expect(one.images).toEqual(new Uint8Array(grayOf(three.images)));
});

test('another size is one of the call, and pixels in shared memory are neither copied nor changed', async () => {
  const sharedPixels = new Uint8Array(new SharedArrayBuffer(side * side));
  sharedPixels.set(grayImage.pixels);
  const image = { ...grayImage, pixels: sharedPixels };
  const placement = resizeCenterCrop({ size: 12, resize: 12 })(image, random);
  const request = { image, name: 'shared', placement };
  const { images } = await gray.decode([request, request], { size: { height: 12, width: 12 } });
  const own = await gray.decode([{ ...request, image: grayImage }], {
    size: { height: 12, width: 12 },
  });
  expect(images.length).toBe(2 * 144);
  expect(images.subarray(0, 144)).toEqual(own.images);
  expect(images.subarray(144)).toEqual(own.images);
  expect(sharedPixels).toEqual(grayImage.pixels);
});

test('pixels that do not fill their shape are a bad image, channels other than 1 and 3 are refused', async () => {
  expect(() => gray.header({ ...grayImage, channels: 3 }, 'wrong')).toThrow(
    /wrong: 400 bytes are not 20x20x3 pixels/,
  );
  await expect(createImageDecoder({ size: 8, channels: 4 as 3 })).rejects.toThrow(
    /expected channels to be 1 or 3, got 4/,
  );
});
