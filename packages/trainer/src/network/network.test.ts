import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeEach, expect, test } from 'vitest';
import { smallModel } from '../../test/small-parts.ts';
import { parseConfig } from '../config/parse.ts';
import { fromLayersModel } from './from-layers-model.ts';
import { createNetwork, registerNetworks } from './network.ts';

beforeEach(() => tf.setBackend('cpu'));

const options = { numClasses: 4, inputChannels: 1, init: 'xavier', seed: 1 } as const;

test('networks of others are built by their names, beside ours', () => {
  const before = tf.memory().numTensors;
  expect(() => parseConfig({ dataset: 'synthetic', model: 'smallnet' })).toThrow(
    /expected a network such as .*, got 'smallnet'.*registered by a --plugin/,
  );
  expect(() => createNetwork('smallnet', options)).toThrow(/got 'smallnet'/);
  const asked: object[] = [];
  registerNetworks({
    names: () => ['smallnet'],
    create(name, given) {
      asked.push(given);
      return fromLayersModel(smallModel(), { name });
    },
  });
  expect(parseConfig({ dataset: 'synthetic', model: 'smallnet' }).model).toBe('smallnet');
  expect(() => parseConfig({ dataset: 'synthetic', model: 'smalnet' })).toThrow("'smallnet'?");
  const network = createNetwork('smallnet', { ...options, zeroGamma: true });
  expect(network.name).toBe('smallnet');
  expect(asked).toEqual([{ ...options, zeroGamma: true }]);
  network.dispose();
  const ours = createNetwork('resnet20d', options);
  expect(Object.keys(ours.parameters)).toContain('layer1.0.conv1.weight');
  ours.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('gammas start at 0 only where zero gamma is asked for', () => {
  for (const [name, gamma] of [
    ['resnet20d', 'layer1.0.bn2.weight'],
    ['mobilenetv2_035', 'blocks.1.1.bn3.weight'],
  ] as const) {
    const first = [{}, { zeroGamma: true }].map((more) => {
      const network = createNetwork(name, { ...options, ...more });
      const [value] = network.parameters[gamma]!.dataSync();
      network.dispose();
      return value;
    });
    expect(first).toEqual([1, 0]);
  }
});

test('a model of several outputs, or of images, is refused', () => {
  const input = tf.input({ shape: [4] });
  const dense = () => tf.layers.dense({ units: 2 }).apply(input) as tf.SymbolicTensor;
  const two = tf.model({ inputs: input, outputs: [dense(), dense()] });
  expect(() => fromLayersModel(two)).toThrow(
    /one input and one output \[batch, classes\], got 1 inputs and outputs \[any,2\], \[any,2\]/,
  );
  const conv = tf.layers.conv2d({ filters: 2, kernelSize: 1, inputShape: [8, 8, 1] });
  const images = tf.sequential({ layers: [conv] });
  expect(() => fromLayersModel(images)).toThrow(/outputs \[any,8,8,2\]/);
  for (const model of [two, images]) model.dispose();
});

test('logits leave the softmax out in training and evaluation, and the model keeps it', () => {
  for (const softmax of ['activation', 'layer'] as const) {
    const model = smallModel({ softmax, dropout: 0 });
    const { apply } = fromLayersModel(model);
    tf.tidy(() => {
      const images = tf.linspace(-1, 1, 128).reshape([2, 8, 8, 1]) as tf.Tensor4D;
      const logits = apply(images, { training: false });
      const expected = tf.softmax(logits).dataSync();
      const probabilities = (model.predict(images) as tf.Tensor).dataSync();
      probabilities.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 6);
      });
      expect(Math.abs(logits.sum(1).dataSync()[0]! - 1)).toBeGreaterThan(1e-3);
    });
    model.dispose();
  }
});

const dense = (activation?: 'softmax' | 'sigmoid' | 'relu') =>
  tf.layers.dense({ units: 4, inputShape: [4], ...(activation && { activation }) });

test.each([
  [
    'in a nested model',
    () => [
      tf.layers.dense({ units: 4, inputShape: [4] }),
      tf.sequential({ layers: [dense('softmax')] }),
    ],
  ],
  [
    'before a reshape',
    () => [dense('softmax'), tf.layers.reshape({ targetShape: [2, 2] }), tf.layers.flatten()],
  ],
  [
    'as a layer of a nested model',
    () => [
      tf.sequential({ layers: [dense(), tf.layers.softmax()] }),
      tf.layers.reshape({ targetShape: [4] }),
    ],
  ],
] as const)('a softmax %s is left out too', (_, layers) => {
  const model = tf.sequential({ layers: [...layers()] });
  const { apply } = fromLayersModel(model);
  tf.tidy(() => {
    const inputs = tf.linspace(-2, 3, 8).reshape([2, 4]);
    const logits = apply(inputs as tf.Tensor4D, { training: true });
    expect(Math.abs(logits.sum(1).dataSync()[0]! - 1)).toBeGreaterThan(1e-3);
    const expected = tf.softmax(logits).dataSync();
    const probabilities = (model.predict(inputs) as tf.Tensor).dataSync();
    for (const [i, value] of probabilities.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });
  model.dispose();
});

test('a model that ends in another activation is refused', () => {
  for (const last of [dense('sigmoid'), dense('relu'), tf.layers.reLU({ inputShape: [4] })]) {
    const model = tf.sequential({ layers: [last] });
    expect(() => fromLayersModel(model)).toThrow(
      /ends in logits or a softmax, got (sigmoid|relu|ReLU) in its last layer .*Leave the activation out/,
    );
    model.dispose();
  }
});

test('equal models have equal names of weights, nested models and wrapped layers included', () => {
  const build = () => {
    const twoStep = tf.sequential({ layers: [dense(), dense()] });
    const cells = tf.layers.bidirectional({
      layer: tf.layers.simpleRNN({ units: 2 }) as tf.RNN,
      mergeMode: 'concat',
    });
    return tf.sequential({ layers: [twoStep, tf.layers.reshape({ targetShape: [2, 2] }), cells] });
  };
  const [first, second] = [build(), build()];
  const names = Object.keys(fromLayersModel(first).parameters);
  expect(names).toContain('0.1.kernel');
  expect(names).toHaveLength(first.trainableWeights.length);
  expect(Object.keys(fromLayersModel(second).parameters)).toEqual(names);
  for (const model of [first, second]) model.dispose();
});
