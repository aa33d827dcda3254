import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { buildClassifier } from './classifier.ts';
import { type ConvNorm, convNormParameters } from './conv-norm.ts';
import { type Layers, tensorLayers } from './layers.ts';
import { denseParameters } from './parameters.ts';

beforeAll(() => tf.setBackend('cpu'));

const layer: ConvNorm = {
  conv: 'stem.conv',
  norm: 'stem.bn',
  kernelSize: 1,
  stride: 1,
  inputChannels: 2,
  outputChannels: 2,
};

function build() {
  return buildClassifier(
    { name: 'tiny', inputChannels: 2, init: 'he', seed: 1 },
    {
      specs: [...convNormParameters(layer), ...denseParameters('head', 2, 3)],
      head: 'head',
      maps: (images, layers) => layers.convNorm(images, layer),
    },
  );
}

test("a state dict has PyTorch's order: the buffers of a module follow its parameters", async () => {
  const model = build();
  expect(Object.keys(await model.toStateDict())).toEqual([
    'stem.conv.weight',
    ...['stem.bn.weight', 'stem.bn.bias', 'stem.bn.running_mean', 'stem.bn.running_var'],
    ...['head.weight', 'head.bias'],
  ]);
  model.dispose();
});

test('features are the means of the maps, and logits the features through the dense layer', () => {
  const model = build();
  model.loadStateDict({
    'stem.conv.weight': { shape: [2, 2, 1, 1], data: new Float32Array([1, 0, 0, 1]) },
    'stem.bn.weight': { shape: [2], data: new Float32Array([1, 2]) },
    'stem.bn.bias': { shape: [2], data: new Float32Array([0, 1]) },
    'stem.bn.running_mean': { shape: [2], data: new Float32Array([0, 0]) },
    'stem.bn.running_var': { shape: [2], data: new Float32Array([1, 1]) },
    'head.weight': { shape: [3, 2], data: new Float32Array([1, 0, 0, 1, 1, 1]) },
    'head.bias': { shape: [3], data: new Float32Array([0, 0, 10]) },
  });
  const images = tf.tensor4d([1, 2, 3, 6], [1, 1, 2, 2]);
  const before = tf.memory().numTensors;
  const logits = model.apply(images, { training: false });
  // Means 2 and 4; the second becomes 2 * 4 + 1.
  for (const [i, value] of [2, 9, 21].entries()) {
    expect(logits.dataSync()[i]).toBeCloseTo(value, 3);
  }
  expect(tf.memory().numTensors).toBe(before + 1);
  const features = model.features(images, { training: false });
  const apart = model.logits(features);
  for (const [i, mean] of [2, 9].entries()) expect(features.dataSync()[i]).toBeCloseTo(mean, 3);
  expect(apart.dataSync()).toEqual(logits.dataSync());
  expect(tf.memory().numTensors).toBe(before + 3);
  model.dispose();
  tf.dispose([images, logits, features, apart]);
});

test('forward is what apply computes, and in other layers what these make of it', () => {
  const model = build();
  const images = tf.tensor4d([1, 2, 3, 6], [1, 1, 2, 2]);
  const layers = tensorLayers({ ...model, training: false, random: () => images });
  tf.tidy(() => {
    const logits = model.forward<tf.Tensor>(images, layers);
    expect(logits.dataSync()).toEqual(model.apply(images, { training: false }).dataSync());
  });
  const written = new Proxy({} as Layers<string>, {
    get: (_, op) => (x: string, layer: ConvNorm | string | undefined) =>
      `${String(op)}(${[x, (layer as ConvNorm)?.conv ?? layer ?? []].flat()})`,
  });
  expect(model.forward('images', written)).toBe(
    'dense(channelMeans(convNorm(images,stem.conv)),head)',
  );
  model.dispose();
  images.dispose();
});

test('disposing frees every variable and its name', () => {
  const before = tf.memory().numTensors;
  for (let round = 0; round < 2; round++) {
    const model = build();
    expect(model.parameters['head.bias']!.name).toBe('tiny_0/head.bias');
    model.dispose();
  }
  expect(tf.memory().numTensors).toBe(before);
});

test('a batch norm that is wholly frozen normalises as in evaluation and keeps its statistics; one half frozen does not', () => {
  const model = build();
  const images = tf.tensor4d([1, 2, 3, 6], [1, 1, 2, 2]);
  const { gamma, beta } = { gamma: 'stem.bn.weight', beta: 'stem.bn.bias' };
  const logitsOf = (...args: Parameters<typeof model.apply>) =>
    tf.tidy(() => Array.from(model.apply(...args).dataSync()));
  const statistics = () => Object.values(model.buffers).map((one) => Array.from(one.dataSync()));
  const before = statistics();
  const evaluated = logitsOf(images, { training: false });
  expect(logitsOf(images, { training: true, frozen: new Set([gamma, beta]) })).toEqual(evaluated);
  expect(statistics()).toEqual(before);
  const half = logitsOf(images, { training: true, frozen: new Set([gamma]) });
  expect(half).not.toEqual(evaluated);
  expect(statistics()).not.toEqual(before);
  model.dispose();
  images.dispose();
});
