// What `fit` says of objects that do not fit together, before it trains on them.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, imageDataset, syntheticImages } from '@bag-of-tricks/image-data';
import { bceLoss } from '@bag-of-tricks/label-smoothing';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { fromTfjsOptimizer } from '@bag-of-tricks/optimizer';
import { fromLayersModel } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { losses, stopAfter } from '../test/runs.ts';
import { ownBatches, smallModel } from '../test/small-parts.ts';
import { fit, resumeTraining, train } from './fit.ts';
import type { FitOptions } from './run/train-options.ts';

const output = mkdtempSync(join(tmpdir(), 'checks-'));
const adam = (rate: number) => tf.train.adam(rate);

beforeAll(async () => {
  await registerTensorFlowBackend();
});

/** Fits a small model to small batches op by op, with what is given in place of these. */
async function fitSmall(experiment: string, options: object = {}) {
  const model = smallModel({ dropout: 0, batchNorm: false });
  const base = { epochs: 1, batchSize: 8, evalBatchSize: 8, output, compile: false, tricks: [] };
  const parts = { network: fromLayersModel(model), data: ownBatches() };
  try {
    return await fit({ ...base, ...parts, experiment, ...options } as FitOptions);
  } finally {
    model.dispose();
  }
}

test('an epoch of two processes is half as long', async () => {
  const images = { imageSize: 8, numClasses: 4, channels: 1 } as const;
  const data = await imageDataset({
    ...{ imageSize: 8, channels: 1, crop: 'pad', mean: [120], std: [60], rank: 0, worldSize: 2 },
    train: syntheticImages({ ...images, size: 64 }),
    eval: syntheticImages({ ...images, size: 16, stream: 1 }),
  });
  const { step, totalSteps } = await fitSmall('processes', { data, batchSize: 16, epochs: 2 });
  expect([step, totalSteps]).toEqual([4, 4]);
  await data.close();
});

describe('a network', () => {
  test('that is a bare model of tf.layers is refused, and the error says what to pass', async () => {
    const network = smallModel();
    await expect(fitSmall('bare', { network })).rejects.toThrow(/Pass fromLayersModel\(model\)/);
    network.dispose();
  });

  test.each([true, false])(
    'with another number of classes than the data is refused (compile: %s)',
    async (compile) => {
      const data = { ...ownBatches(), classNames: ['a', 'b', 'c', 'd', 'e'] };
      await expect(fitSmall(`classes-${compile}`, { data, compile })).rejects.toThrow(
        'expected logits of 5 classes, network small returns 4',
      );
    },
  );
});

describe('an optimiser', () => {
  test('of tf.train is refused, and the error says how to pass it', async () => {
    const optimizer = tf.train.adam();
    await expect(fitSmall('bare-adam', { optimizer })).rejects.toThrow(
      /without getState and setState.*fromTfjsOptimizer/,
    );
    optimizer.dispose();
  });

  test("over another network's parameters is refused", async () => {
    const other = smallModel();
    const optimizer = fromTfjsOptimizer(adam, fromLayersModel(other).parameters);
    await expect(fitSmall('other-adam', { optimizer })).rejects.toThrow(
      /over the 4 parameters of small, got one that does not move 4 of them, such as 0\.kernel/,
    );
    optimizer.dispose();
    other.dispose();
  });
});

describe('images of one’s own', () => {
  /** The data with a change to each of its batches. */
  const changed = (change: (batch: Batch) => object, where: 'trainBatches' | 'evalBatches') => {
    const data = ownBatches();
    const batches = () =>
      data.batches.slice(0, 4).map((batch) => ({ ...batch, ...change(batch) }) as Batch);
    return { ...data, [where]: batches };
  };

  test('are refused when the object lacks something, which the error names', async () => {
    await expect(fitSmall('nothing', { data: {} })).rejects.toThrow(
      /name .*imageShape .*classNames .*trainSize .*evalSize .*trainBatches .*evalBatches/,
    );
    const { std: _, ...data } = ownBatches();
    await expect(fitSmall('no-std', { data })).rejects.toThrow(
      'data: expected a Dataset, got one without a usable std (expected numbers above 0, one a channel, got nothing)',
    );
    await expect(fitSmall('three', { data: { ...data, std: [1, 1, 1] } })).rejects.toThrow(
      'expected std to be 1 numbers',
    );
  });

  test.each<[string, (batch: Batch) => object, RegExp]>([
    [
      'a label is no class',
      ({ labels }) => ({ labels: labels.map(() => 4) }),
      /from 0 to 3, got 4/,
    ],
    ['a row has no image', ({ labels }) => ({ labels: labels.map(() => -1) }), /0 to 3, got -1/],
    [
      'pixels are missing',
      ({ images }) => ({ images: images.subarray(1) }),
      /mine: expected training batches with 8x8x8x1 = 512 bytes of images, got 511/,
    ],
    ['pixels are floats', () => ({ images: new Float32Array(512) }), /Uint8Array.*Float32Array/],
    [
      'rows are missing',
      ({ images, labels }) => ({ images: images.subarray(64), labels: labels.subarray(1) }),
      /batchSize = 8 labels, got 7/,
    ],
    ['the count is wrong', () => ({ size: 7 }), /size = 8.*got 7/],
  ])('are refused in training where %s', async (name, change, message) => {
    const data = changed(change, 'trainBatches');
    await expect(fitSmall(name.replaceAll(' ', '-'), { data })).rejects.toThrow(message);
  });

  test('may hold rows without an image in evaluation, but no unknown class', async () => {
    const without = changed(
      ({ labels }) => ({ labels: labels.map((label, i) => (i === 7 ? -1 : label)), size: 7 }),
      'evalBatches',
    );
    const { evaluation } = await fitSmall('padded', { data: without });
    expect(evaluation!.samples).toBe(28);
    const unknown = changed(({ labels }) => ({ labels: labels.map(() => 4) }), 'evalBatches');
    await expect(fitSmall('unknown', { data: unknown })).rejects.toThrow(
      /evaluation batches with labels from -1 to 3, got 4/,
    );
  });
});

describe('a run with a loss of one’s own', () => {
  const loss = (targets: tf.Tensor2D, logits: tf.Tensor2D) => bceLoss(targets, logits);

  test('goes on with it, and not without it', async () => {
    const whole = await fitSmall('loss', { loss });
    const { runFolder } = await fitSmall('loss-cut', { loss, ...stopAfter(2) });
    const resume = { resume: runFolder };
    await expect(fitSmall('', resume)).rejects.toThrow(/loss: expected the loss .* pass `loss`/);
    await fitSmall('', { ...resume, loss });
    expect(losses(runFolder)).toEqual(losses(whole.runFolder));
  });

  test('and one with ours does not change it unseen', async () => {
    const { runFolder } = await fitSmall('named-cut', { loss: 'bce', ...stopAfter(2) });
    await expect(fitSmall('', { resume: runFolder, loss })).rejects.toThrow(
      /the run has 'bce'.*Leave `loss` out/,
    );
  });
});

test('a run with an optimiser of one’s own does not go on without it', async () => {
  const model = smallModel({ dropout: 0, batchNorm: false });
  const network = fromLayersModel(model);
  const optimizer = fromTfjsOptimizer(adam, network.parameters);
  const { runFolder } = await fitSmall('adam-cut', { network, optimizer, ...stopAfter(2) });
  await expect(fitSmall('', { network, resume: runFolder })).rejects.toThrow(/pass `optimizer`/);
  await expect(resumeTraining(runFolder)).rejects.toThrow(/pass `optimizer`/);
  const { finished } = await fitSmall('', { network, optimizer, resume: runFolder });
  expect(finished).toBe(true);
  model.dispose();
  optimizer.dispose();
});

test('a recipe cannot name a loss or an optimiser that only fit can be given', async () => {
  const recipe = { dataset: 'synthetic', model: 'resnet20d', output } as const;
  await expect(train({ ...recipe, loss: 'own' })).rejects.toThrow(/It only comes through fit/);
  await expect(train({ ...recipe, optimizer: { name: 'own' } })).rejects.toThrow(
    /optimizer: .* It only comes through fit/,
  );
});
