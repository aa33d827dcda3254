import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
import { replay } from '../replay.ts';
import type { FeatureBatch } from '../step/runner.ts';
import { tricks } from '../tricks/index.ts';
import { labelSmoothing } from '../tricks/label-smoothing.ts';
import { progressiveResizing } from '../tricks/progressive-resizing.ts';
import { schedule } from '../tricks/schedule.ts';
import { openRun } from './open-run.ts';
import type { FitOptions } from './train-options.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/linear-probe.json', import.meta.url), 'utf8'),
);
const output = mkdtempSync(join(tmpdir(), 'linear-probe-'));
const classNames = ['a', 'b', 'c'];
const constant = schedule({ name: 'constant' });

beforeAll(async () => {
  await registerTensorFlowBackend();
});

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

const tiny = (seed = 2) =>
  createModel('resnet18d', {
    ...{ layers: [1, 1], width: 4, numClasses: 4, inputChannels: 1, seed },
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

/** Probes of one folder of runs, with what each says. */
async function probes(images: Dataset, settings: Partial<FitOptions> = {}) {
  const output = mkdtempSync(join(tmpdir(), 'linear-probe-'));
  const given = { epochs: 3, batchSize: 8, linearProbe: true, output, ...settings };
  return async (more: Partial<FitOptions>) => {
    const said: string[] = [];
    const network = tiny();
    const own = { network, data: images, tricks: [constant] };
    const onProgress = (line: string) => void said.push(line);
    const result = await fit({ ...(more.resume ? {} : given), ...own, onProgress, ...more });
    network.dispose();
    return {
      ...result,
      said: said.filter((line) => /linear probe|features/i.test(line)).join('\n'),
    };
  };
}

test('an interrupted probe goes on as if it had not been, on the features that are kept', async () => {
  const data = { ...(await smallDataset()), fingerprint: 'quarters' };
  const probe = await probes(data);
  const whole = await probe({});
  expect(whole.said).toContain('computing the features of 32 training and 20 evaluation images');
  // In a folder of its own, so that the features are its own.
  const alone = await probes(data);
  const cut = await alone(stopAfter(6));
  expect(cut.finished).toBe(false);
  const rest = await alone({ resume: cut.runFolder });
  expect(rest.said).toBe(
    `Linear probe: the features are those in ${cut.runFolder}/features.safetensors, of the same weights and images`,
  );
  expect(rest.finished).toBe(true);
  expect(weights(rest.runFolder)).toEqual(weights(whole.runFolder));
  await data.close();
});

test('a second probe beside the first takes its features; damaged ones, and those of other weights or images, are computed again, which is said', async () => {
  const images = await smallDataset();
  const data = { ...images, fingerprint: 'quarters' };
  const probe = await probes(data, { epochs: 1 });
  const computed = 'computing the features';
  const first = await probe({ experiment: 'first' });
  const file = join(first.runFolder, 'features.safetensors');
  const second = await probe({ experiment: 'second', learningRate: { base: 1 } });
  expect(second.said).toContain(`the features are those in ${file}`);
  expect(second.said).not.toContain(computed);
  expect(existsSync(join(second.runFolder, 'features.safetensors'))).toBe(false);

  for (const [experiment, other] of [
    ['weights', { network: tiny(3) }],
    ['images', { data: { ...data, fingerprint: 'others' } }],
    ['seed', { seed: 7 }],
  ] as const) {
    const { said } = await probe({ experiment, ...other });
    expect(said).toMatch(
      /features in \d of the run folders .* of other weights, images or settings/,
    );
    expect(said).toContain(computed);
  }
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
  const { said, runFolder } = await probe({ resume: first.runFolder, epochs: 2 });
  expect(said).toContain(`Warning: ${file}: expected the bytes that were written, got others`);
  expect(said).toContain(computed);
  expect(runFolder).toBe(first.runFolder);
  expect((await probe({ experiment: 'mended' })).said).toContain(`those in ${file}`);

  // Without a fingerprint nothing tells these images from others.
  const unknown = await probe({ experiment: 'unknown', data: images });
  expect(unknown.said).toContain(computed);
  expect(existsSync(join(unknown.runFolder, 'features.safetensors'))).toBe(false);
  await images.close();
});

test('features that cannot be written are a warning, and the probe goes on', async () => {
  const data = { ...(await smallDataset()), fingerprint: 'quarters' };
  const probe = await probes(data, { epochs: 1, experiment: 'full' });
  const { runFolder } = await probe({});
  rmSync(join(runFolder, 'features.safetensors'));
  mkdirSync(join(runFolder, 'features.safetensors'));
  const { said, finished } = await probe({ resume: runFolder, epochs: 2 });
  expect(finished).toBe(true);
  expect(said).toMatch(
    /Warning: .*features could not be kept, a resumed run computes them again: E/,
  );
  await data.close();
});

const overflowing = defineTrick({
  ...{ name: 'overflowing', description: 'gradients beyond all numbers', settings: {} },
  build: () => ({
    gradients:
      (inner) =>
      (...given) => {
        const { gradients, metrics } = inner(...given);
        const scaled = Object.entries(gradients).map(([name, one]) => [name, tf.div(one, 0)]);
        return { gradients: Object.fromEntries(scaled), metrics };
      },
  }),
});

test('a probe that diverges is taken again by replay, on the features of its batch', async () => {
  const network = pixelNetwork();
  const data = await goldenDataset();
  const run = fit({ ...goldenProbe, tricks: [overflowing()], network, data, experiment: 'wild' });
  await expect(run).rejects.toThrow(/step 1: .* got gradients .*replay/);
  const dump = join(output, 'wild', 'divergence-step-1');
  const again = await replay(dump, { network, plugins: [overflowing] });
  expect(again).toMatchObject({ finite: false, step: { imageShape: [1, 1, 16] } });
  expect(String(again.loss)).toBe(again.step.loss);
  expect(again.probe.loss).toBeCloseTo(again.loss, 5);
  const bad = again.probe.stages.filter(({ nonFinite }) => nonFinite > 0);
  expect(bad.map(({ name }) => name)).toEqual(['gradients after tricks']);
  network.dispose();
  await data.close();
});

const inverted = defineTrick({
  ...{ name: 'inverted', description: 'light for dark', settings: {} },
  build: () => ({ data: () => ({ augment: [(picture) => picture] }) }),
});
const bare = () => fromLayersModel(smallModel(), { name: 'mine' });
test.each([
  ['a network that does not say its last layer', { network: bare }, 'got mine without them'],
  ['augmented images', { tricks: [inverted()] }, 'got inverted: what needs the images'],
  [
    'tricks that have no meaning on features',
    { tricks: [tricks.cutmix(), tricks.mixup(), progressiveResizing({ from: 4 })] },
    'got cutmix, progressiveResizing: what needs the images',
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
