import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import {
  layoutOf,
  loadStateDict,
  type StateDictEntry,
  toStateDict,
  transpose,
} from '@bag-of-tricks/network-layers';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { toTorchLayout } from '../fixtures/parity.ts';
import { type ResNet, resnet } from './model.ts';

const TINY = { depth: 50, variant: 'd', numClasses: 3, layers: [1, 1], width: 4 } as const;
let model: ResNet;
let dict: Record<string, StateDictEntry>;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(async () => {
  model = resnet(TINY);
  const source = resnet({ ...TINY, seed: 1, zeroGamma: false });
  const images = tf.randomUniform([2, 9, 9, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
  source.apply(images, { training: true }).dispose();
  dict = await toStateDict(source);
  source.dispose();
  images.dispose();
});

afterEach(() => model.dispose());

test('a loaded model holds the same tensors, running statistics included', async () => {
  expect(await toStateDict(model)).not.toEqual(dict);
  expect(loadStateDict(model, dict)).toEqual({ missing: [], unexpected: [] });
  expect(await toStateDict(model)).toEqual(dict);
});

test('kernels are OIHW and the dense layer is [out, in], as an independent loop says', () => {
  for (const name of ['conv1.0.weight', 'layer1.0.conv3.weight', 'fc.weight']) {
    const { shape } = model.parameters[name]!;
    const data = model.parameters[name]!.dataSync();
    expect([...transpose(data, shape, layoutOf(shape.length).toTorch)]).toEqual(
      toTorchLayout(data, shape),
    );
  }
});

test('transposing there and back is the identity', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(sizes, (shape) => {
      const data = Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        (_, index) => index,
      );
      const { toTorch, fromTorch } = layoutOf(4);
      const there = transpose(data, shape, toTorch);
      expect(
        transpose(
          there,
          toTorch.map((axis) => shape[axis]!),
          fromTorch,
        ),
      ).toEqual(data);
    }),
  );
});

test('a snapshot does not change when the model does', async () => {
  const pending = toStateDict(model);
  loadStateDict(model, dict);
  expect(await pending).not.toEqual(dict);
});

test('num_batches_tracked is ignored', () => {
  const counter = { shape: [], data: new Float32Array([7]) };
  expect(() => loadStateDict(model, { ...dict, 'bn1.num_batches_tracked': counter })).not.toThrow();
});

test('every missing, unexpected and mismatched key is named, and nothing is assigned', async () => {
  const before = await toStateDict(model);
  const { 'bn1.bias': _removed, ...rest } = dict;
  const broken = {
    ...rest,
    'layer9.0.conv1.weight': dict['fc.bias']!,
    'fc.weight': { shape: [5, 32], data: new Float32Array(160) },
    'fc.bias': { shape: [3], data: new Float32Array(2) },
    'bn1.weight': { shape: [4], data: new Float32Array([1, 1, Number.NaN, 1]) },
  };
  expect(() => loadStateDict(model, broken)).toThrow(
    'loadStateDict: expected the weights of this architecture; nothing was loaded.\n' +
      '  missing: bn1.bias\n' +
      '  unexpected: layer9.0.conv1.weight\n' +
      '  mismatched: bn1.weight: expected finite values only; ' +
      'fc.weight: expected shape [3,32], got [5,32]; fc.bias: expected 3 values, got 2\n' +
      'Check the architecture and numClasses, or name the keys to keep in `exclude`.',
  );
  expect(await toStateDict(model)).toEqual(before);
});

test('strict: false reports what did not match and loads the rest', () => {
  const { 'fc.bias': bias, ...rest } = dict;
  const result = loadStateDict(model, { ...rest, extra: bias! }, { strict: false });
  expect(result).toEqual({ missing: ['fc.bias'], unexpected: ['extra'] });
  expect(model.parameters['bn1.weight']!.dataSync()).toEqual(dict['bn1.weight']!.data);
});

test('strict: false still refuses a wrong shape', () => {
  const wrong = { ...dict, 'fc.bias': { shape: [4], data: new Float32Array(4) } };
  expect(() => loadStateDict(model, wrong, { strict: false })).toThrow(
    'fc.bias: expected shape [3], got [4]',
  );
});

test('an excluded module keeps its values, whatever the dictionary holds for it', async () => {
  const before = await toStateDict(model);
  const other = { ...dict, 'fc.weight': { shape: [5, 32], data: new Float32Array(160) } };
  loadStateDict(model, other, { exclude: ['fc'] });
  const after = await toStateDict(model);
  expect(after['fc.weight']).toEqual(before['fc.weight']);
  expect(after['bn1.running_mean']).toEqual(dict['bn1.running_mean']);
});

test('an exclusion that names nothing is refused', () => {
  expect(() => loadStateDict(model, dict, { exclude: ['head'] })).toThrow(
    'loadStateDict: expected exclude to name a key or module of the model, got "head".',
  );
});

test('loading and reading leave no tensors behind', async () => {
  const before = tf.memory().numTensors;
  loadStateDict(model, dict);
  await toStateDict(model);
  expect(tf.memory().numTensors).toBe(before);
});
