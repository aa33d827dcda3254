import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { resolveInput } from './input-settings.ts';

const resolve = (config: Parameters<typeof parseConfig>[0] & object) =>
  resolveInput(parseConfig({ dataDir: 'images', ...config }));

test("the default for folders is the paper's input (section 2.1)", () => {
  expect(resolve({})).toEqual({
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
  expect(resolve({ dataset: 'cifar10' })).toMatchObject(small);
  expect(resolve({ input: { imageSize: 32 }, augment: { crop: 'pad' } })).toMatchObject(small);
});

test('Fashion-MNIST is grey; synthetic images have the shape that was asked for', () => {
  const grey = { imageSize: 28, channels: 1, evalResize: 28, crop: 'pad', colorJitter: 0 };
  expect(resolve({ dataDir: null, dataset: 'fashion-mnist' })).toMatchObject(grey);
  const given = { dataDir: null, dataset: 'synthetic', synthetic: { imageSize: 9, channels: 1 } };
  expect(resolve(given)).toMatchObject({ imageSize: 9, channels: 1, mean: [128], std: [40] });
});

test('what is given goes before the default, zero included', () => {
  const given = { mean: [1, 2, 3], std: [4, 5, 6], evalResize: 300 };
  const resolved = resolve({ input: given, augment: { colorJitter: 0, pcaNoise: 0 } });
  expect(resolved).toMatchObject({ ...given, colorJitter: 0, pcaNoise: 0 });
});
