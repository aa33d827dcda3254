// Runs with many tricks at once, and what a run does with weights that a trick keeps beside the network's own.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emaDecay } from '@bag-of-tricks/ema';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { defineTrick, fromLayersModel, type Trick } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { arrays, losses, readLines, stopAfter, trickState } from '../test/runs.ts';
import { smallDataset, smallModel } from '../test/small-parts.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { evaluate } from './evaluate.ts';
import { fit, resumeTraining, train } from './fit.ts';
import type { FitOptions } from './run/train-options.ts';
import { tricks } from './tricks/index.ts';

const output = mkdtempSync(join(tmpdir(), 'tricks-'));

beforeAll(async () => {
  await registerTensorFlowBackend();
});

/** Eight steps of ResNet-20-D with every trick that can be on at once. */
const everything = (
  experiment: string,
  changes: Partial<TrainConfigInput> = {},
): TrainConfigInput => ({
  ...{ model: 'resnet20d', dataset: 'synthetic', epochs: 2, batchSize: 8, evalBatchSize: 10 },
  synthetic: { imageSize: 12, channels: 3, numClasses: 4, trainSamples: 32, evalSamples: 10 },
  augment: { cropPadding: 1, colorJitter: 0.2, pcaNoise: 0.1 },
  warmup: { epochs: 1 },
  amp: { dtype: 'float16' },
  gradientAccumulation: { steps: 2 },
  cutmix: { share: 0.5 },
  randAugment: true,
  randomErasing: { probability: 0.5 },
  progressiveResizing: { from: 8, delayFraction: 0.5, finetuneFraction: 0.5, sizeIncrement: 4 },
  stochasticDepth: { rate: 0.3 },
  gradientClipping: { maxNorm: 1 },
  ema: { decay: 0.9 },
  ...{ output, experiment },
  ...changes,
});

const files = ['model', 'model-ema', 'optimizer', 'tricks'].map((name) => `${name}.safetensors`);

describe('all tricks at once', { tags: ['slow'] }, () => {
  test.each([true, false])(
    'interrupted in either epoch and resumed, equal an uninterrupted run bit for bit (compile: %s)',
    async (compile) => {
      const whole = await train(everything(`whole-${compile}`, { compile }));
      const first = await train(everything(`cut-${compile}`, { compile }), stopAfter(3));
      const { finished } = await resumeTraining(first.runFolder, stopAfter(6));
      expect([first.finished, finished]).toEqual([false, false]);
      const last = await resumeTraining(first.runFolder);
      const lines = (runFolder: string) =>
        readLines(runFolder, 'metrics.jsonl').map(({ imgPerSec, dataMs, ...line }) => line);
      expect(lines(last.runFolder)).toEqual(lines(whole.runFolder));
      expect(lines(whole.runFolder)[0]).toMatchObject({
        ...{ step: 1, gradNorm: expect.any(Number), lossScale: 2 ** 15 },
      });
      for (const file of files) {
        expect(arrays(last.runFolder, file), file).toEqual(arrays(whole.runFolder, file));
      }
      const { evaluation } = last;
      expect({ ...evaluation, seconds: 0 }).toEqual({ ...whole.evaluation, seconds: 0 });
      expect(trickState(whole.runFolder)).toMatchObject({ 'ema/step': 8, 'amp/goodSteps': 8 });
      expect(trickState(whole.runFolder)['random/step']).toBeGreaterThan(0);
    },
  );

  test('draw the same numbers compiled and op by op', async () => {
    const float32 = { amp: null, learningRate: { base: 0.02 } } as const;
    const compiled = await train(everything('compiled', float32));
    const eager = await train(everything('eager', { ...float32, compile: false }));
    const column = (runFolder: string, name: string) =>
      readLines(runFolder, 'metrics.jsonl').map((line) => line[name] as number);
    expect(column(eager.runFolder, 'lambda')).toEqual(column(compiled.runFolder, 'lambda'));
    for (const name of ['loss', 'gradNorm']) {
      const reference = column(compiled.runFolder, name);
      column(eager.runFolder, name).forEach((value, i) => {
        expect(Math.abs(value / reference[i]! - 1), `${name} ${i}`).toBeLessThan(2e-3);
      });
    }
    const otherwise = await train(everything('undropped', { ...float32, stochasticDepth: null }));
    const last = ({ runFolder }: { readonly runFolder: string }) => losses(runFolder).at(-1)!;
    const rounding = Math.abs(last(eager) - last(compiled));
    expect(Math.abs(last(otherwise) - last(compiled))).toBeGreaterThan(3 * rounding + 1e-5);
  });
});

/** Multiplies the classifier by `factor` after the given number of steps, when the average has been taken. */
const wreck = (steps: number, factor: number) =>
  defineTrick({
    ...{ name: 'wreck', description: 'spoils the weights', settings: {} },
    build(_, { network }) {
      const count = tf.tidy(() => tf.variable(tf.scalar(0), false));
      const kernel = Object.entries(network.parameters).findLast(([name]) =>
        /kernel$/.test(name),
      )![1];
      return {
        state: { count },
        step: (inner) => (batch, at) => {
          const metrics = inner(batch, at);
          count.assign(tf.add(count, 1));
          kernel.assign(tf.mul(kernel, tf.where(tf.equal(count, steps), factor, 1)));
          return metrics;
        },
        dispose: () => count.dispose(),
      };
    },
  });

describe('averaged weights', { tags: ['slow'] }, () => {
  async function run(experiment: string, options: FitOptions, plugins: Trick[] = []) {
    const model = smallModel({ dropout: 0 });
    const data = await smallDataset();
    const settings = { epochs: 3, batchSize: 8, learningRate: { base: 0.2 }, output, experiment };
    const network = fromLayersModel(model);
    const added = plugins.map((plugin) => plugin());
    const tricks = [...(options.tricks ?? []), ...added];
    const result = await fit({ ...settings, network, data, ...options, tricks });
    const parts = { network, data, plugins };
    const scored = await evaluate(result.runFolder, { ...parts, link: 'last' });
    const best = await evaluate(result.runFolder, parts);
    model.dispose();
    await data.close();
    const rows = readFileSync(join(result.runFolder, 'summary.csv'), 'utf8').trim().split('\n');
    const [names, ...cells] = rows.map((row) => row.split(','));
    const row = Object.fromEntries(names!.map((name, i) => [name, Number(cells.at(-1)![i])]));
    return { ...result, scored, best, row };
  }

  test('are the formula over the weights of every checkpoint, compiled', async () => {
    const saved: ReturnType<typeof arrays>[] = [];
    const save = (step: number) => {
      if (step > 1) saved.push(arrays(join(output, 'averaged'), 'model.safetensors'));
    };
    const result = await run('averaged', {
      ...{ tricks: [tricks.ema({ decay: 0.8 })], checkpointInterval: 1 },
      hooks: [{ onBatchEnd: ({ step }) => save(step) }],
    });
    saved.push(arrays(result.runFolder, 'model.safetensors'));
    expect(saved).toHaveLength(12);
    const average = arrays(result.runFolder, 'model-ema.safetensors');
    for (const [name, { data }] of Object.entries(average)) {
      data.forEach((value, i) => {
        const expected = saved.reduce((mean, weights, k) => {
          const decay = emaDecay(k + 1, { decay: 0.8, warmup: {} });
          return decay * mean + (1 - decay) * weights[name]!.data[i]!;
        }, 0);
        expect(Math.abs(value - expected), name).toBeLessThan(1e-5);
      });
    }
  });

  test('are what is evaluated later where they are better than the raw ones', async () => {
    const average = [tricks.ema({ decay: 0.5 })];
    const { evaluation, scored, best, row } = await run('better', { tricks: average }, [
      wreck(12, -1),
    ]);
    expect(row.ema_top1).toBeGreaterThan(row.eval_top1!);
    expect(evaluation!.top1).toBe(row.ema_top1);
    expect(scored.top1).toBe(row.ema_top1);
    expect(scored.loss).toBeCloseTo(row.ema_loss!, 5);
    expect(best.top1).toBeGreaterThanOrEqual(row.ema_top1!);
  });

  test('are left alone where the raw ones are better', async () => {
    const average = [tricks.ema({ decay: 0.9999, warmup: false })];
    const { evaluation, scored, row } = await run('worse', { tricks: average }, [wreck(1, -1)]);
    expect(row.eval_top1).toBeGreaterThan(row.ema_top1!);
    expect(evaluation!.top1).toBe(row.eval_top1);
    expect(scored.loss).toBeCloseTo(row.eval_loss!, 5);
  });
});

test('progressive resizing trains on small images first, and evaluates on whole ones', {
  tags: ['slow'],
}, async () => {
  const seen = { train: [] as number[], evaluation: new Set<number>() };
  const watch = defineTrick({
    ...{ name: 'watch', description: 'notes the height of the images', settings: {} },
    build: () => ({
      prepare: (inner) => (batch, at) => {
        seen.train.push(batch.images.shape[1]);
        return inner(batch, at);
      },
      evaluate: (inner) => (batch) => {
        seen.evaluation.add(batch.images.shape[1]);
        return inner(batch);
      },
    }),
  });
  const data = await smallDataset();
  const resizing = { from: 4, delayFraction: 0.5, finetuneFraction: 0.5, sizeIncrement: 4 };
  await fit({
    ...{ model: 'resnet20d', data, epochs: 2, stepsPerEpoch: 2, batchSize: 8, compile: false },
    tricks: [tricks.progressiveResizing(resizing), watch()],
    ...{ output, experiment: 'resizing' },
  });
  await data.close();
  expect(seen.train).toEqual([4, 4, 8, 8]);
  expect([...seen.evaluation]).toEqual([8]);
});

test('colour operations want colours', { tags: ['slow'] }, async () => {
  const grey = everything('grey', {
    synthetic: { imageSize: 8, channels: 1, numClasses: 4, trainSamples: 32, evalSamples: 10 },
    augment: {},
  });
  for (const name of ['randAugment', 'trivialAugment', 'randomErasing'] as const) {
    const only = { randAugment: false, randomErasing: false, [name]: true, amp: null };
    await expect(train({ ...grey, ...only })).rejects.toThrow(
      `${name}: expected images of 3 channels, got 1`,
    );
  }
});
