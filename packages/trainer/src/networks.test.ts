import { fromLayersModel } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';
import { smallModel } from '../test/small-parts.ts';
import { parseConfig } from './config/parse.ts';
import { createNetwork, registerNetworks } from './networks.ts';

const options = { numClasses: 4, inputChannels: 1, init: 'xavier', seed: 1 } as const;

test('networks of others are built by their names, beside ours', async () => {
  await tf.setBackend('cpu');
  const before = tf.memory().numTensors;
  expect(() => parseConfig({ dataset: 'synthetic', model: 'smallnet' })).toThrow(
    /expected a network such as .*, got 'smallnet'.*registered by a --plugin/,
  );
  expect(() => createNetwork('smallnet', options)).toThrow(/got 'smallnet'/);
  registerNetworks({
    names: () => ['smallnet'],
    create: (name) => fromLayersModel(smallModel(), { name }),
  });
  expect(parseConfig({ dataset: 'synthetic', model: 'smallnet' }).model).toBe('smallnet');
  expect(() => parseConfig({ dataset: 'synthetic', model: 'smalnet' })).toThrow("'smallnet'?");
  const network = createNetwork('smallnet', options);
  expect(network.name).toBe('smallnet');
  network.dispose();
  const ours = createNetwork('resnet20d', options);
  expect(Object.keys(ours.parameters)).toContain('layer1.0.conv1.weight');
  ours.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
