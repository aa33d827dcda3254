import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { freeze } from './freeze.ts';
import type { Network } from './network.ts';
import { createTrainStep } from './train-step.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Two dense layers; `seen` is what of its names it was told is frozen. */
function twoLayers(): Network & { seen: readonly string[] } {
  const first = tf.variable(tf.ones<tf.Rank.R2>([4, 3])) as tf.Variable<tf.Rank.R2>;
  const last = tf.variable(tf.ones<tf.Rank.R2>([3, 2])) as tf.Variable<tf.Rank.R2>;
  return {
    ...{ name: 'two', parameters: { first, last }, buffers: {}, seen: [] },
    groups: [
      { stage: 'stem', parameters: ['first'] },
      { stage: 'head', parameters: ['last'] },
    ],
    apply(images, { frozen }) {
      this.seen = [...(frozen ?? [])];
      return tf.tidy(() => tf.matMul(tf.matMul(tf.reshape(images, [-1, 4]), first), last));
    },
    toStateDict() {
      return Promise.resolve({ name: this.name } as never);
    },
    dispose: () => tf.dispose([first, last]),
  };
}

test('what is frozen is a buffer, gets no gradient, and is named to the network', async () => {
  const network = twoLayers();
  const before = tf.memory().numTensors;
  const frozen = freeze(network, (name) => name === 'first');
  expect(Object.keys(frozen.parameters)).toEqual(['last']);
  expect(frozen.buffers.first).toBe(network.parameters.first);
  expect(await frozen.toStateDict!()).toEqual({ name: 'two' });
  const seen: string[][] = [];
  const optimizer = {
    applyGradients: (gradients: tf.NamedTensorMap) => void seen.push(Object.keys(gradients)),
  };
  const step = createTrainStep({
    ...{ network: frozen, optimizer: optimizer as never, numClasses: 2 },
  });
  tf.tidy(() => {
    const images = tf.zeros<tf.Rank.R4>([2, 2, 2, 1]);
    step({ images, labels: tf.tensor1d([0, 1], 'int32'), learningRate: tf.scalar(1) });
  });
  expect(seen).toEqual([[network.parameters.last!.name]]);
  expect(network.seen).toEqual(['first']);
  expect(tf.memory().numTensors).toBe(before);
  frozen.dispose();
});

test('nothing frozen is the same network; all frozen, or a network without groups, is an error', () => {
  const network = twoLayers();
  expect(freeze(network, () => false)).toBe(network);
  expect(() => freeze(network, () => true)).toThrow(/something that is left to train, got all 2/);
  const { groups, ...plain } = network;
  expect(() => freeze(plain, (name) => name === 'last')).toThrow(
    /expected a network with `groups`, .* got two without them/,
  );
  expect(freeze(plain, () => false)).toBe(plain);
  network.dispose();
});
