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
