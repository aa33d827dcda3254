// A training step without TensorFlow's library gives what it gives with it.
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { openBackend } from '../backend.ts';
import { createNetwork } from '../networks.ts';

const numClasses = 4;

const networks = [
  { model: 'resnet20d', imageSize: 16 },
  { model: 'mobilenetv2_050', imageSize: 32 },
] as const;

/**
 * Batch norms whose results lie far from 0 and from 6. There a rounding error opens or closes a ReLU, and a gradient jumps, on this CPU or on
 * another.
 */
function keepReluOpen(parameters: Readonly<Record<string, tf.Variable>>): void {
  for (const [name, variable] of Object.entries(parameters)) {
    if (variable.rank !== 1) continue;
    tf.tidy(() => variable.assign(tf.fill(variable.shape, name.endsWith('.weight') ? 0.3 : 3)));
  }
}

/** The loss of a batch, the gradient of each parameter and the running statistics after it, on a backend. */
async function step(backend: string, { model, imageSize }: (typeof networks)[number]) {
  await openBackend({ name: backend });
  const options = { numClasses, inputChannels: 3, init: 'xavier', seed: 1 } as const;
  const network = createNetwork(model, { ...options, zeroGamma: false });
  keepReluOpen(network.parameters);
  const shape = [8, imageSize, imageSize, 3] as [number, number, number, number];
  const values = tf.tidy(() => {
    const images = tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', 1);
    const targets = tf.oneHot([0, 1, 2, 3, 3, 2, 1, 0], numClasses, 1, 0, 'float32');
    const { value, grads } = tf.variableGrads(() => {
      const logits = network.apply(images, { training: true });
      return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar;
    }, Object.values(network.parameters));
    const named = { loss: value, ...grads, ...network.buffers };
    return Object.entries(named).map(([name, one]) => [name, one.dataSync()] as const);
  });
  network.dispose();
  return new Map(values);
}

const norm = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));

test.each(
  networks.flatMap((network) => ['cpu', 'wasm'].map((backend) => ({ backend, ...network }))),
)(
  "$model on $backend: loss, gradients and running statistics are the native backend's: all to 1e-3, each to 1e-2",
  async ({ backend, ...network }) => {
    const expected = await step('tensorflow', network);
    const got = await step(backend, network);
    expect(got.size).toBe(expected.size);
    const pairs = [...got].map(([name, values], i) => {
      const reference = [...expected.values()][i]!;
      return {
        name,
        difference: norm(values.map((value, at) => value - reference[at]!)),
        size: norm(reference),
      };
    });
    const sizes = pairs.map(({ size }) => size);
    const all = norm(pairs.map(({ difference }) => difference)) / norm(sizes);
    expect(all).toBeLessThan(1e-3);
    const [loss] = pairs;
    expect(loss!.difference / loss!.size).toBeLessThan(1e-3);
    // What batch norm makes all but 0 is a difference of larger numbers, and its rounding is theirs.
    for (const { name, difference, size } of pairs) {
      expect(difference / Math.max(size, 1e-2 * Math.max(...sizes)), name).toBeLessThan(1e-2);
    }
  },
);
