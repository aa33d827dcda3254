import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dataset, imageDataset, imagesInMemory } from '@bag-of-tricks/image-data';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel } from '@bag-of-tricks/resnet-variants';
import { defineTrick, fromLayersModel, inferLogits, type Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { arrays, losses, stopAfter, weights } from '../../test/runs.ts';
import { ownBatches, smallDataset, smallModel } from '../../test/small-parts.ts';
import { parseConfig } from '../config/parse.ts';
import { builtIn } from '../config/schema.ts';
import { evaluate } from '../evaluate.ts';
import { fit } from '../fit.ts';
import type { FeatureBatch } from '../step/runner.ts';
import { labelSmoothing } from '../tricks/label-smoothing.ts';
import { progressiveResizing } from '../tricks/progressive-resizing.ts';
import { schedule } from '../tricks/schedule.ts';
import { openRun } from './open-run.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/linear-probe.json', import.meta.url), 'utf8'),
);
const output = mkdtempSync(join(tmpdir(), 'linear-probe-'));
const classNames = ['a', 'b', 'c'];
const constant = schedule({ name: 'constant' });

beforeAll(async () => {
  await registerTensorFlowBackend();
}, 120_000);

/** The images of the golden numbers. */
function goldenImages(first: number, count: number) {
  const images = Uint8Array.from({ length: 16 * count }, (_, i) => {
    const n = 16 * first + i;
    return (n * n * 7 + n * 13) % 256;
  });
  const labels = Array.from({ length: count }, (_, i) => (first + i) % 3);
  const shape = { height: 4, width: 4, channels: 1 } as const;
  return imagesInMemory({ name: `from ${first}`, classNames, images, labels, ...shape });
}

const goldenDataset = (): Promise<Dataset> =>
  imageDataset({
    ...{ train: goldenImages(0, 30), eval: goldenImages(30, 12) },
    ...{ imageSize: 4, channels: 1, mean: [128], std: [64] },
  });

/** A network whose features are the pixels, behind a parameter that a probe must not train. */
function pixelNetwork(): Network {
  const first = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i) / 4);
  const weight = tf.tidy(() => tf.variable(tf.transpose(tf.tensor2d(first, [3, 16]))));
  const parameters = {
    'stem.gain': tf.variable(tf.scalar(1)),
    'fc.weight': weight,
    'fc.bias': tf.variable(tf.zeros([3])),
  };
  const network: Required<Pick<Network, 'features' | 'logits'>> & Network = {
    ...{ name: 'pixels', parameters, buffers: {} },
    groups: [
      { stage: 'stem', parameters: ['stem.gain'] },
      { stage: 'head', parameters: ['fc.weight', 'fc.bias'] },
    ],
    features: (images) =>
      tf.tidy(() => tf.reshape(tf.mul(images, parameters['stem.gain']), [-1, 16])),
    logits: (features) => tf.tidy(() => tf.add(tf.matMul(features, weight), parameters['fc.bias'])),
    apply: (images, options) => tf.tidy(() => network.logits(network.features(images, options))),
    dispose: () => tf.dispose(Object.values(parameters)),
  };
  return network;
}

const probing = { linearProbe: true, output } as const;
const goldenProbe = {
  ...{ linearProbe: true, output, epochs: 40, batchSize: 30 },
  learningRate: { base: 0.2 },
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 0.01 },
  tricks: [labelSmoothing({ epsilon: 0.1 }), constant],
} as const;

test.each([true, false])(
  "compile: %s: the head is PyTorch's logistic regression on the same features, and the checkpoint the whole network",
  async (compile) => {
    const data = await goldenDataset();
    const network = pixelNetwork();
    const before = tf.memory().numTensors;
    const { runFolder, evaluation } = await fit({ ...goldenProbe, network, data, compile });
    expect(tf.memory().numTensors).toBe(before);
    for (const [step, loss] of losses(runFolder).entries())
      expect(loss).toBeCloseTo(golden.losses[step], 5);
    const saved = arrays(runFolder, 'model.safetensors');
    expect(saved['stem.gain']!.data[0]).toBe(1);
    const [weight, bias] = [saved['fc.weight']!, saved['fc.bias']!];
    const rows = tf.tidy(() => tf.transpose(tf.tensor2d(weight.data, [16, 3])).arraySync());
    for (const [i, row] of (rows as number[][]).entries())
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(golden.weight[i][j], 4);
    for (const [i, value] of bias.data.entries()) expect(value).toBeCloseTo(golden.bias[i], 4);
    expect(evaluation!.loss).toBeCloseTo(golden.evaluation.loss, 4);
    expect(evaluation!.top1).toBeCloseTo(golden.evaluation.top1, 3);
    // Scored again with the images, through the whole network.
    const again = await evaluate(runFolder, { link: 'last', network: pixelNetwork(), data });
    expect(again.loss).toBeCloseTo(golden.evaluation.loss, 4);
    network.dispose();
    await data.close();
  },
);

const tiny = () =>
  createModel('resnet18d', {
    layers: [1, 1],
    width: 4,
    numClasses: 4,
    inputChannels: 1,
    seed: 2,
  }) as Network;

test('the features of a batch are what the network computes of the same images in evaluation, each image once a pass', async () => {
  const data = await smallDataset();
  const network = tiny();
  const config = parseConfig(
    { dataset: 'own', model: 'tiny', linearProbe: true, batchSize: 32, stepsPerEpoch: 2 },
    { configured: [constant], ownParts: true },
  );
  const run = await openRun({ config, known: builtIn, own: { data, network }, checkpoint: null });
  const expected = new Map<string, number>();
  for await (const { images, labels } of data.plainBatches!({
    batchSize: 32,
    epoch: 0,
    seed: 42,
  })) {
    const features = tf.tidy(() => {
      const pixels = tf.tensor4d(images, [32, 8, 8, 1], 'int32');
      const bare = { ...network, apply: network.features! };
      return inferLogits({ network: bare, numClasses: 8, pixels: data }, pixels).arraySync();
    });
    for (const [i, row] of features.entries())
      expected.set(row.map((one) => one.toFixed(4)).join(), labels[i]!);
  }
  const part = { epoch: 1, firstStep: 0, stepsPerEpoch: 2, batchSize: 32, seed: 1 };
  for await (const batch of run.dataset.trainBatches(part)) {
    const { features, labels } = batch as FeatureBatch;
    const rows = Array.from(labels, (_, i) =>
      Array.from(features.subarray(8 * i, 8 * i + 8), (one) => one.toFixed(4)).join(),
    );
    expect(new Set(rows)).toEqual(new Set(expected.keys()));
    expect(rows.map((row) => expected.get(row))).toEqual([...labels]);
  }
  await run.dispose();
  network.dispose();
  await data.close();
});

test('an interrupted probe goes on as if it had not been, its features computed again', async () => {
  const data = await smallDataset();
  const settings = { ...probing, data, epochs: 3, batchSize: 8, tricks: [constant] };
  const whole = await fit({ ...settings, network: tiny() });
  const cut = await fit({ ...settings, network: tiny(), ...stopAfter(6) });
  expect(cut.finished).toBe(false);
  const rest = await fit({ resume: cut.runFolder, network: tiny(), data, tricks: [constant] });
  expect(rest.finished).toBe(true);
  expect(weights(rest.runFolder)).toEqual(weights(whole.runFolder));
  await data.close();
});

const inverted = defineTrick({
  ...{ name: 'inverted', description: 'light for dark', settings: {} },
  build: () => ({ data: () => ({ augment: [(picture) => picture] }) }),
});
const bare = () => fromLayersModel(smallModel(), { name: 'mine' });
test.each([
  ['a network that does not say its last layer', { network: bare }, 'got mine without them'],
  ['augmented images', { tricks: [inverted()] }, 'a trick that changes them'],
  [
    'images of changing size',
    { tricks: [progressiveResizing({ from: 4 })] },
    'a trick that changes them',
  ],
  ['a dataset without plain images', { data: ownBatches }, 'with `plainBatches`'],
] as const)('%s: an error before there is a run folder', async (_, given, message) => {
  const {
    network = tiny,
    data = smallDataset,
    tricks = [],
  } = given as {
    network?: () => Network;
    data?: () => Dataset | Promise<Dataset>;
    tricks?: [];
  };
  const settings = { ...probing, data: await data(), network: network(), epochs: 2, batchSize: 8 };
  await expect(fit({ ...settings, tricks })).rejects.toThrow(message);
});

test('features that are not finite name the weights', async () => {
  const network = pixelNetwork();
  network.parameters['stem.gain']!.assign(tf.scalar(Number.NaN));
  const run = fit({ ...goldenProbe, network, data: await goldenDataset() });
  await expect(run).rejects.toThrow('expected finite features');
});

test('without weights there is nothing to probe', () => {
  expect(() => parseConfig({ dataset: 'synthetic', linearProbe: true })).toThrow(
    'linearProbe: expected weights to compute the features with, got none. Give --pretrained',
  );
});
