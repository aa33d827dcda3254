import { expect, test } from 'vitest';
import { resolveInput } from './input-settings.ts';

test("the default for folders is the paper's input (section 2.1)", () => {
  expect(resolveInput({ dataset: 'folder' })).toEqual({
    imageSize: 224,
    channels: 3,
    evalResize: 256,
    crop: 'random-resized',
    mean: [123.68, 116.779, 103.939],
    std: [58.393, 57.12, 57.375],
    colorJitter: 0.4,
    pcaNoise: 0.1,
  });
});

test('small images are padded and cropped, and neither resized nor coloured', () => {
  const small = { imageSize: 32, evalResize: 32, crop: 'pad', colorJitter: 0, pcaNoise: 0 };
  expect(resolveInput({ dataset: 'cifar10' })).toMatchObject(small);
  expect(resolveInput({ dataset: 'folder', imageSize: 32, crop: 'pad' })).toMatchObject(small);
});

test('Fashion-MNIST is grey; synthetic images have the shape that was asked for', () => {
  const grey = { imageSize: 28, channels: 1, evalResize: 28, crop: 'pad', colorJitter: 0 };
  expect(resolveInput({ dataset: 'fashion-mnist' })).toMatchObject(grey);
  const counts = { numClasses: 2, trainSamples: 4, evalSamples: 4 };
  const synthetic = { imageSize: 9, channels: 1, ...counts } as const;
  const expected = { imageSize: 9, channels: 1, mean: [128], std: [40] };
  expect(resolveInput({ dataset: 'synthetic', synthetic })).toMatchObject(expected);
});

test('what is given goes before the default, zero included, and null is not given', () => {
  const given = { mean: [1, 2, 3], std: [4, 5, 6], evalResize: 300, colorJitter: 0, pcaNoise: 0 };
  const resolved = resolveInput({ dataset: 'folder', imageSize: null, ...given });
  expect(resolved).toMatchObject({ ...given, imageSize: 224 });
});

test.each([
  // floor(size / crop_pct), as timm's transforms_imagenet_eval.
  [224, 0.875, 256],
  [224, 0.9, 248],
  [240, 0.882, 272],
  [224, 1, 224],
  [380, 0.922, 412],
])('evaluation at %i with cropPct %f resizes to %i', (imageSize, cropPct, evalResize) => {
  const resolved = resolveInput({ dataset: 'folder', imageSize, cropPct });
  expect(resolved).toMatchObject({ imageSize, evalResize });
});
