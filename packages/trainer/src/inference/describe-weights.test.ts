import type { Weights } from '@bag-of-tricks/pretrained';
import { expect, test } from 'vitest';
import { describeWeights } from './describe-weights.ts';

const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(0) });
const dict = {
  'conv1.weight': tensor(8, 3, 3, 3),
  'fc.weight': tensor(2, 8),
  'fc.bias': tensor(2),
};
const nothing = {
  ...{ imageSize: null, channels: null, mean: null, std: null, interpolation: null, cropPct: null },
};
const weights = (input: Partial<Weights['input']> = {}, more: Partial<Weights> = {}): Weights => ({
  ...{ source: 'resnet18.safetensors', architecture: 'resnet18', numClasses: null },
  ...{ classNames: null, license: null, input: { ...nothing, ...input }, ...more },
  read: () => Promise.reject(new Error('not read here')),
});

test('what nothing says is as in timm, and named', () => {
  const { description, assumed } = describeWeights(weights(), dict);
  expect(description).toEqual({
    ...{ model: 'resnet18', classNames: ['class 0', 'class 1'], imageSize: 224, channels: 3 },
    ...{ evalResize: 256, interpolation: 'bicubic', antialias: true, exifOrientation: false },
    ...{ mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  });
  expect(assumed).toBe(
    'nothing says imageSize 224, channels 3, cropPct 0.875, interpolation bicubic, mean 123.675 116.28 103.53, std 58.395 57.12 57.375: taken as timm does without a config.json',
  );
});

test('what the config says is taken; a resize is rounded down, as timm does', () => {
  const said = { imageSize: 288, cropPct: 0.95, interpolation: 'bilinear', channels: 3 };
  const { description, assumed } = describeWeights(
    weights({ ...said, mean: [1, 2, 3], std: [4, 5, 6] }, { classNames: ['cat', 'dog'] }),
    dict,
  );
  expect(description).toMatchObject({ imageSize: 288, evalResize: 303, mean: [1, 2, 3] });
  expect(description.classNames).toEqual(['cat', 'dog']);
  expect(assumed).toBeNull();
});

test('of a grey network mean and deviation are those of the channels together', () => {
  const { description } = describeWeights(weights({ channels: 1, mean: [30, 60, 90] }), dict);
  expect(description.mean).toEqual([60]);
  expect(description.std).toHaveLength(1);
});

test('one number for mean or deviation holds for each colour', () => {
  const { description } = describeWeights(weights({ mean: [1, 2, 3], std: [4] }), dict);
  expect(description).toMatchObject({ mean: [1, 2, 3], std: [4, 4, 4] });
});

test.each([
  ['cifar10_resnet20_pad', 'cifar10_resnet20_pad.safetensors', 'resnet20_pad'],
  ['cifar10', 'out/cifar10-resnet20_pad.v2.safetensors', 'resnet20_pad'],
  ['mine_resnet50d', 'model.safetensors', 'resnet50d'],
])('of %s in %s the network is the longest name in it, %s', (architecture, source, model) => {
  const given = weights({}, { architecture, source });
  expect(describeWeights(given, dict).description.model).toBe(model);
});

test.each([
  ['cifar10_presnet20', "got 'cifar10_presnet20'. "],
  ['resnet18_or_resnet34', "got 'resnet18_or_resnet34'. "],
  ['resnet50dd', "got 'resnet50dd'. Did you mean 'resnet50d'? Put the name in front"],
])('%s names no network, or two', (architecture, message) => {
  const given = weights({}, { architecture, source: 'model.safetensors' });
  expect(() => describeWeights(given, dict)).toThrow(message);
});

test.each([
  ['no network', weights({}, { architecture: null }), dict, 'nothing says which'],
  ['an unknown network', weights({}, { architecture: 'resnet18e' }), dict, "got 'resnet18e'"],
  ['no classes', weights(), { 'conv1.weight': dict['conv1.weight'] }, 'a last layer with classes'],
  [
    'other names',
    weights({}, { classNames: ['a', 'b', 'c'] }),
    dict,
    'resnet18.safetensors: label_names of the config.json: expected the names of 2 classes, got 3',
  ],
  ['four channels', weights({ channels: 4 }), dict, 'got 4 and bicubic'],
  ['another filter', weights({ interpolation: 'box' }), dict, 'got 3 and box'],
] as const)('%s is an error', (_, given, tensors, message) => {
  expect(() => describeWeights(given, tensors)).toThrow(message);
});
