// What `fit` can be given in place of a name: network, optimiser, loss, images.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bceLoss } from '@bag-of-tricks/label-smoothing';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { fromTfjsOptimizer } from '@bag-of-tricks/optimizer';
import { fromLayersModel } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { arrays, losses, readLines, stopAfter, weights } from '../test/runs.ts';
import {
  ownBatches,
  type SmallModelOptions,
  smallDataset,
  smallModel,
} from '../test/small-parts.ts';
import { recipeTricks } from './config/known-tricks.ts';
import { evaluate } from './evaluate.ts';
import { fit } from './fit.ts';
import type { FitOptions } from './run/train-options.ts';
import { tricks } from './tricks/index.ts';

const output = mkdtempSync(join(tmpdir(), 'own-'));
const small = {
  ...{ epochs: 2, batchSize: 8, evalBatchSize: 10, output, learningRate: { base: 0.5 } },
  tricks: [tricks.labelSmoothing(), tricks.mixup(), tricks.schedule()],
} as const satisfies FitOptions;

beforeAll(async () => {
  await registerTensorFlowBackend();
});

/** Trains a `tf.layers` model on images in memory, and frees what it made. */
async function fitModel(
  experiment: string,
  {
    model: options = {},
    ...rest
  }:
    | (FitOptions & { readonly model?: never })
    | (Omit<FitOptions, 'model'> & { readonly model?: SmallModelOptions }),
) {
  const model = smallModel(options as SmallModelOptions);
  const data = rest.data ?? (await smallDataset());
  const result = await fit({
    ...small,
    network: fromLayersModel(model),
    data,
    experiment,
    ...rest,
  });
  const sums = tf.tidy(() => {
    const probabilities = model.predict(tf.ones([1, 8, 8, 1])) as tf.Tensor;
    return probabilities.sum().dataSync()[0]!;
  });
  model.dispose();
  if (!rest.data) await data.close();
  return { ...result, losses: losses(result.runFolder), sums };
}

describe('a tf.layers model with dropout and batch norm', { tags: ['slow'] }, () => {
  test('learns compiled, and its softmax, in either form, is put back behind the logits', async () => {
    const [activation, layer, logits] = [
      await fitModel('activation', { model: { softmax: 'activation' }, epochs: 6 }),
      await fitModel('layer', { model: { softmax: 'layer' }, epochs: 6 }),
      await fitModel('logits', { model: { softmax: null }, epochs: 6 }),
    ];
    expect(layer.losses).toEqual(activation.losses);
    expect(logits.losses).toEqual(activation.losses);
    expect(activation.losses).toHaveLength(24);
    expect(activation.evaluation!.top1).toBeGreaterThan(60);
    expect(activation.sums).toBeCloseTo(1, 5);
    expect(layer.sums).toBeCloseTo(1, 5);
    expect(logits.sums).not.toBeCloseTo(1, 2);
    const saved = arrays(activation.runFolder, 'model.safetensors');
    expect(Object.keys(saved)).toEqual(
      expect.arrayContaining(['0.kernel', '1.gamma', '1.moving_mean', '4.bias']),
    );
    expect(saved['1.moving_mean']!.data.some((value) => value !== 0)).toBe(true);
  });

  test.each([true, false])(
    'interrupted and resumed equals uninterrupted, dropout included (compile: %s)',
    async (compile) => {
      const whole = await fitModel(`whole-${compile}`, { compile });
      const cut = await fitModel(`cut-${compile}`, { compile, ...stopAfter(3) });
      expect(cut.finished).toBe(false);
      const resumed = await fitModel('', { resume: cut.runFolder });
      expect(resumed.losses).toEqual(whole.losses);
      expect(weights(resumed.runFolder)).toEqual(weights(whole.runFolder));
      expect(resumed.evaluation!.loss).toBe(whole.evaluation!.loss);
    },
  );

  test('drops the same units compiled and op by op, and others than without dropout', async () => {
    const compiled = await fitModel('drawn', {});
    const eager = await fitModel('drawn-eager', { compile: false });
    const without = await fitModel('undrawn', { model: { dropout: 0 } });
    eager.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(compiled.losses[i]!, 3);
    });
    expect(Math.abs(without.losses[0]! - compiled.losses[0]!)).toBeGreaterThan(0.01);
  });

  test('is evaluated from its checkpoint, with the network and the images that are passed in', async () => {
    const { runFolder, evaluation } = await fitModel('scored', {});
    const model = smallModel();
    const data = await smallDataset();
    const options = { network: fromLayersModel(model), data, link: 'last' } as const;
    const again = await evaluate(runFolder, options);
    expect(again.top1).toBe(evaluation!.top1);
    expect(again.loss).toBeCloseTo(evaluation!.loss, 6);
    model.dispose();
    await data.close();
    await expect(evaluate(runFolder)).rejects.toThrow(/Pass them as `data`/);
  });

  test.each([true, false])(
    'leaves no tensor and no handle behind (compile: %s)',
    async (compile) => {
      const backend = await registerTensorFlowBackend();
      await fitModel(`leak-warmup-${compile}`, { compile });
      const before = [tf.memory().numTensors, backend.nativeHandleCount()];
      await fitModel(`leak-${compile}`, { compile });
      expect([tf.memory().numTensors, backend.nativeHandleCount()]).toEqual(before);
    },
  );
});

describe('an optimiser of tf.train', { tags: ['slow'] }, () => {
  const plain = { tricks: [], epochs: 2, stepsPerEpoch: 4, learningRate: { base: 0.01 } } as const;
  const adam = (rate: number) => tf.train.adam(rate);

  /** The weights after the batches, by tfjs's own `minimize`. */
  function byHand(): Map<string, Float32Array> {
    const model = smallModel({ softmax: null, dropout: 0 });
    const optimizer = tf.train.adam(plain.learningRate.base);
    const { batches, mean, std } = ownBatches();
    for (const { images, labels } of [...batches, ...batches]) {
      optimizer.minimize(() => {
        const pixels = tf.tensor4d(images, [8, 8, 8, 1], 'int32').cast('float32');
        const input = pixels.sub(mean[0]!).div(std[0]!);
        const logits = model.apply(input, { training: true }) as tf.Tensor2D;
        const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), 4);
        return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar;
      });
    }
    const values = model.layers.flatMap(({ weights }, i) =>
      weights.map((weight) => {
        const name = `${i}.${weight.originalName.split('/')[1]}`;
        return [name, weight.read().dataSync() as Float32Array] as const;
      }),
    );
    model.dispose();
    optimizer.dispose();
    return new Map(values);
  }

  test.each([true, false])(
    "moves the weights as tfjs's own minimize (compile: %s)",
    async (compile) => {
      const model = smallModel({ dropout: 0 });
      const network = fromLayersModel(model);
      const optimizer = fromTfjsOptimizer(adam, network.parameters);
      const options = { ...plain, network, data: ownBatches(), optimizer, compile };
      const { runFolder, step } = await fit({
        ...small,
        ...options,
        experiment: `adam-${compile}`,
      });
      expect(step).toBe(8);
      const reference = byHand();
      for (const [name, values] of weights(runFolder)) {
        const expected = reference.get(name)!;
        const worst = Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)));
        expect(worst, name).toBeLessThan(1e-5);
      }
      model.dispose();
      optimizer.dispose();
    },
  );

  test('has its state in the checkpoint', async () => {
    const run = async (experiment: string, rest: object) => {
      const model = smallModel();
      const network = fromLayersModel(model);
      const optimizer = fromTfjsOptimizer(adam, network.parameters);
      const parts = { network, data: ownBatches(), optimizer };
      const result = await fit({ ...small, ...plain, ...parts, experiment, ...rest });
      model.dispose();
      optimizer.dispose();
      return result.runFolder;
    };
    const whole = await run('adam-whole', {});
    const cut = await run('adam-cut', stopAfter(3));
    await run('', { resume: cut });
    expect(losses(cut)).toEqual(losses(whole));
    expect(weights(cut)).toEqual(weights(whole));
  });
});

describe('a loss of one’s own', { tags: ['slow'] }, () => {
  test('takes the place of ours, which has the same by its name', async () => {
    const mine = await fitModel('loss-mine', {
      loss: (targets, logits) => bceLoss(targets, logits),
    });
    const named = await fitModel('loss-bce', { loss: 'bce', epochs: 2 });
    const usual = await fitModel('loss-usual', {});
    expect(mine.losses).toEqual(named.losses);
    expect(named.losses).not.toEqual(usual.losses);
  });

  test('the binary cross-entropy of ResNet strikes back learns', async () => {
    const { evaluation, losses } = await fitModel('bce-learns', {
      ...{ loss: 'bce', epochs: 6, optimizer: { name: 'adamw', weightDecay: 0.05 } },
      learningRate: { base: 0.02 },
    });
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(evaluation!.top1).toBeGreaterThan(60);
  });
});

describe('images of one’s own', { tags: ['slow'] }, () => {
  test('are trained on as the object yields them, and it stays open', async () => {
    const data = ownBatches();
    const model = smallModel({ dropout: 0 });
    const options = { network: fromLayersModel(model), data, experiment: 'batches' };
    const { runFolder, evaluation } = await fit({ ...small, ...options, epochs: 4 });
    expect(evaluation!.samples).toBe(16);
    expect(losses(runFolder)).toHaveLength(16);
    expect(readLines(runFolder, 'metrics.jsonl').at(-1).loss).toBeLessThan(losses(runFolder)[0]!);
    model.dispose();
  });
});

test("without a list of tricks, fit takes the paper's", () => {
  expect(recipeTricks().map(({ definition }) => definition.name)).toEqual([
    ...['linearScaling', 'dataParallel', 'warmup', 'zeroGamma', 'noBiasDecay', 'schedule'],
    ...['labelSmoothing', 'mixup'],
  ]);
});

test('what is no setting of fit is refused by name', async () => {
  const wrong = { ...small, dataset: 'synthetic', batchsize: 8 } as FitOptions;
  await expect(fit(wrong)).rejects.toThrow("unknown key 'batchsize'. Did you mean 'batchSize'?");
});
