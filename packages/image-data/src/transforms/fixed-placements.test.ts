import { expect, test } from 'vitest';
import { padCropFlip } from './pad-crop-flip.ts';
import { resizeCenterCrop } from './resize-center-crop.ts';

const never = () => {
  throw new Error('draws nothing');
};

test.each([
  // torchvision's Resize(256) and CenterCrop(224) on these sizes, by hand from its source.
  [
    { height: 375, width: 500 },
    { height: 256, width: 341 },
    { top: 16, left: 58 },
  ],
  [
    { height: 500, width: 333 },
    { height: 384, width: 256 },
    { top: 80, left: 16 },
  ],
  [
    { height: 256, width: 257 },
    { height: 256, width: 257 },
    { top: 16, left: 16 },
  ],
  [
    { height: 256, width: 259 },
    { height: 256, width: 259 },
    { top: 16, left: 18 },
  ],
])('%j becomes %j and is cropped at %j', (image, resized, offset) => {
  const placement = resizeCenterCrop()(image, never);
  expect(placement).toEqual({
    window: { top: 0, left: 0, ...image },
    resized,
    offset,
    flip: false,
  });
});

test('what is smaller than the crop is padded, less in front', () => {
  const { offset } = resizeCenterCrop({ size: 32, resize: 27 })({ height: 27, width: 27 }, never);
  expect(offset).toEqual({ top: -2, left: -2 });
  const one = resizeCenterCrop({ size: 2, resize: 1 })({ height: 1, width: 1 }, never);
  expect(one.offset).toEqual({ top: 0, left: 0 });
});

test('a padded crop starts anywhere from -padding to +padding, both included', () => {
  const place = padCropFlip({ size: 32, padding: 4 });
  const image = { height: 32, width: 32 };
  const extremes = [0, 1 - 2 ** -53].map((draw) => place(image, () => draw));
  expect(extremes.map(({ offset }) => offset)).toEqual([
    { top: -4, left: -4 },
    { top: 4, left: 4 },
  ]);
  expect(extremes.map(({ flip }) => flip)).toEqual([true, false]);
  const seen = Array.from({ length: 9 }, (_, i) => place(image, () => (i + 0.5) / 9).offset.top);
  expect(seen).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
});

test.each([
  [() => resizeCenterCrop({ resize: 0 }), 'resizeCenterCrop: expected resize'],
  [() => resizeCenterCrop({ size: { height: 1.5, width: 2 } }), 'resizeCenterCrop: expected size'],
  [() => padCropFlip({ size: 32, padding: -1 }), 'padCropFlip: expected padding'],
  [() => padCropFlip({ size: 32, flip: Number.NaN }), 'padCropFlip: expected flip'],
])('nonsense is refused: %s', (build, message) => {
  expect(build).toThrow(RangeError);
  expect(build).toThrow(message);
});
