import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePorts } from '@bag-of-tricks/data-parallel';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import type { TrainResult } from '@bag-of-tricks/run-folder';
import { defineTrick, fromLayersModel, type Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { fit } from './fit.ts';
import { createNetwork } from './networks.ts';
import type { FitOptions } from './run/train-options.ts';
import { tricks } from './tricks/index.ts';

const script = fileURLToPath(new URL('../test/fit-in-a-process.mjs', import.meta.url));

interface Fitted {
  readonly result: TrainResult;
  readonly losses: number[];
  readonly lines: string[];
  /** Of each step of a job in which one overflows: whether it was skipped, and the loss scale from then on. */
  readonly verdicts: [skipped: number, lossScale: number][];
  /** Of all weights and statistics. */
  readonly hash: string;
  readonly weights: Record<string, number[]>;
  readonly error?: string;
}

/** What each of the processes prints for each of the jobs, by rank. */
async function together(size: number, jobs: readonly object[]): Promise<Fitted[][]> {
  const addresses = (await freePorts(size)).map((port) => `127.0.0.1:${port}`);
  const outputs = await Promise.all(
    addresses.map((_, rank) => {
      const given = [script, String(rank), addresses.join(), JSON.stringify(jobs)];
      const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
      return promisify(execFile)(process.execPath, given, { env, maxBuffer: 2 ** 26 });
    }),
  );
  expect(outputs.map(({ stderr }) => stderr)).toEqual(addresses.map(() => ''));
  return outputs.map(({ stdout }) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const recipe = {
  ...{ linearScaling: {}, warmup: {}, schedule: {}, labelSmoothing: {}, dataParallel: {} },
} as const;

/** 8 steps an epoch in all: of two processes with batches of 4, or one with batches of 8. */
const base = {
  dataset: 'synthetic',
  synthetic: { imageSize: 8, numClasses: 6, trainSamples: 64, evalSamples: 22 },
  ...{ epochs: 7, evalInterval: 7, evalBatchSize: 5, learningRate: { base: 0.4 } },
} as const;

/** Without batch norm all of them are the same for parts of a batch as for the whole. */
const exact = { ema: { decay: 0.9 }, gradientClipping: { maxNorm: 0.5 } } as const;

const everything = (teacher: string) => ({
  ...{ ...recipe, ...exact, dataParallel: { wire: 'bfloat16', syncBatchNorm: true } },
  ...{ gradientAccumulation: { steps: 2 }, amp: { dtype: 'float16' } },
  ...{ mixup: {}, cutmix: {}, distillation: { teacher }, stochasticDepth: { rate: 0.1 } },
  progressiveResizing: { from: 4, sizeIncrement: 4, delayFraction: 0.5, finetuneFraction: 0.5 },
});

const configured = (on: Readonly<Record<string, object>>) =>
  Object.entries(on).map(([name, settings]) => tricks[name as 'warmup'](settings));

interface Alone {
  readonly losses: number[];
  readonly parameters: Record<string, Float32Array>;
  readonly result: TrainResult;
}

/** One process with the whole batch. */
async function alone(network: Network, options: FitOptions): Promise<Alone> {
  const losses: number[] = [];
  const hooks = [{ onBatchEnd: ({ loss }: { readonly loss: number }) => void losses.push(loss) }];
  const result = await fit({ ...base, batchSize: 8, network, hooks, ...options });
  const read = ([name, variable]: [string, tf.Variable]) => [name, variable.dataSync<'float32'>()];
  return {
    losses,
    result,
    parameters: Object.fromEntries(Object.entries(network.parameters).map(read)),
  };
}

const perceptron = () => {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const layers = [
    tf.layers.flatten({ inputShape: [8, 8, 3] }),
    tf.layers.dense({ units: 16, activation: 'tanh', kernelInitializer }),
    tf.layers.dense({ units: 6, kernelInitializer }),
  ];
  return fromLayersModel(tf.sequential({ layers }), { name: 'perceptron' });
};

/** The largest difference of any weight. */
const distance = (
  a: Readonly<Record<string, ArrayLike<number>>>,
  b: Readonly<Record<string, ArrayLike<number>>>,
) =>
  Object.entries(a)
    .flatMap(([name, values]) => Array.from(values, (value, i) => Math.abs(value - b[name]![i]!)))
    .reduce((largest, difference) => Math.max(largest, difference));

beforeAll(async () => {
  await registerTensorFlowBackend();
});

test('two processes are one with the whole batch, with statistics of each or of both where there is batch norm, with all tricks, and stop and begin together', {
  tags: ['slow'],
}, async () => {
  const output = temporaryFolder();
  const job = { ...base, batchSize: 4, on: recipe, output, network: 'perceptron' };
  const epochs = { epochs: 2, evalInterval: 2 };
  const jobs: object[] = [
    { ...job, experiment: 'whole' },
    { ...job, ...epochs, network: 'resnet20d', experiment: 'norm' },
    { ...job, experiment: 'stopped', stop: { rank: 1, step: 11 } },
    { ...job, experiment: 'differing', other: { seed: 7, learningRate: { base: 0.2 } } },
    { ...job, experiment: 'lonely', on: { warmup: {} } },
    {
      ...job,
      ...epochs,
      experiment: 'exact',
      on: { gradientAccumulation: { steps: 2 }, ...exact, ...recipe },
    },
    {
      ...job,
      ...epochs,
      network: 'resnet20d',
      experiment: 'synced',
      on: { ...recipe, dataParallel: { syncBatchNorm: true } },
    },
    // A trick of one's own is among them.
    {
      ...job,
      ...epochs,
      network: 'resnet20d',
      experiment: 'everything',
      on: everything(join(output, 'norm')),
      stop: { rank: 0, step: 99 },
    },
    { ...job, experiment: 'unsynced', on: { ...recipe, dataParallel: { syncBatchNorm: true } } },
    {
      ...{ ...job, epochs: 1, evalInterval: 1, experiment: 'overflowing', overflow: 3 },
      on: { ...recipe, amp: { dtype: 'float16' } },
    },
  ];
  const options = { output: temporaryFolder(), dataset: 'synthetic' } as const;
  // Two go on with this run, and stop on the way.
  const stopping = defineTrick({
    name: 'stopAfter',
    description: '',
    settings: {},
    build: () => ({}),
  });
  const asTwo = [...configured(recipe), stopping()];
  const one = await alone(perceptron(), { ...options, tricks: asTwo });
  const goingOn = { network: 'perceptron', on: recipe };
  jobs.push(
    { ...goingOn, resume: join(output, 'stopped'), stop: { rank: 1, step: 99 } },
    { ...goingOn, resume: one.result.runFolder, epochs: 9, stop: { rank: 1, step: 29 } },
    { ...goingOn, resume: one.result.runFolder, stop: { rank: 1, step: 99 } },
  );
  const [ours, others] = await together(2, jobs);
  const [whole, norm, stopped, differing, lonely, exactly, synced, all, unsynced, ...rest] = ours!;
  const [overflowing, resumed, joined, further] = rest;
  for (const [i, one] of ours!.entries()) {
    expect(others![i]!.hash).toBe(one.hash);
    expect(others![i]!.result?.runFolder).toBe(one.result?.runFolder);
    expect(others![i]!.verdicts).toEqual(one.verdicts);
    expect(others![i]!.losses ?? []).toEqual([]);
  }
  expect(readdirSync(output).sort()).toEqual([
    'everything',
    'exact',
    'norm',
    'overflowing',
    'stopped',
    'synced',
    'whole',
  ]);

  expect(whole!.result.step).toBe(56);
  expect(distance(one.parameters, whole!.weights)).toBeLessThan(1e-5);
  expect(whole!.losses).toHaveLength(56);
  for (const [i, loss] of whole!.losses.entries()) expect(loss).toBeCloseTo(one.losses[i]!, 5);
  const { samples, top1, top5 } = one.result.evaluation!;
  expect(samples).toBe(22);
  expect(whole!.result.evaluation).toMatchObject({ samples, top1, top5 });
  expect(whole!.result.evaluation!.loss).toBeCloseTo(one.result.evaluation!.loss, 5);

  // Parts of a batch that are accumulated have statistics of their own, as those of processes.
  const inParts = configured({ gradientAccumulation: { steps: 2 }, ...recipe });
  const shape = { numClasses: 6, inputChannels: 3, init: 'xavier', seed: 42 } as const;
  const replicas = { ...options, ...epochs, tricks: inParts };
  const parts = await alone(createNetwork('resnet20d', shape), replicas);
  expect(distance(parts.parameters, norm!.weights)).toBeLessThan(1e-4);
  for (const [i, loss] of norm!.losses.entries()) expect(loss).toBeCloseTo(parts.losses[i]!, 4);

  const synchronised = await alone(createNetwork('resnet20d', shape), {
    ...{ ...options, ...epochs, tricks: configured(recipe) },
  });
  expect(distance(synchronised.parameters, synced!.weights)).toBeLessThan(1e-4);
  expect(distance(synchronised.parameters, norm!.weights)).toBeGreaterThan(1e-3);
  for (const [i, loss] of synced!.losses.entries()) {
    expect(loss).toBeCloseTo(synchronised.losses[i]!, 4);
  }

  const inFour = configured({ gradientAccumulation: { steps: 4 }, ...exact, ...recipe });
  const averaged = await alone(perceptron(), { ...options, ...epochs, tricks: inFour });
  expect(distance(averaged.parameters, exactly!.weights)).toBeLessThan(1e-5);
  expect(exactly!.result.evaluation!.loss).toBeCloseTo(averaged.result.evaluation!.loss, 5);

  expect(all!.error).toBeUndefined();
  expect(all!.losses).toHaveLength(16);
  expect(all!.losses.every(Number.isFinite)).toBe(true);
  const { verdicts } = overflowing!;
  const [[, scale]] = verdicts as [[number, number]];
  expect(verdicts).toEqual(
    Array.from({ length: 8 }, (_, i) =>
      i === 2 ? [1, scale / 2] : [0, i < 2 ? scale : scale / 2],
    ),
  );
  expect(overflowing!.lines.join('\n')).toMatch(/rank 1 waited [\d.]+ % of the epoch for images/);

  expect(unsynced!.error).toContain('expected a network with batch norm of @bag-of-tricks/');

  expect(stopped!.result).toMatchObject({ finished: false, step: 12 });
  expect(resumed!.result.step).toBe(56);
  expect(resumed!.hash).toBe(whole!.hash);

  // Epochs of 8 steps by one process with batches of 8, then of 4 by two.
  expect(joined!.result).toMatchObject({ finished: false, step: 30 });
  expect(further!.result).toMatchObject({ finished: true, step: 36 });
  expect(further!.losses).toHaveLength(6);
  expect(joined!.lines.join('\n')).toContain(
    'processes: 2 instead of 1. From epoch 7 on a step takes 16 images in place of 8, an epoch has 4 steps, and the learning rate is',
  );
  const lines: string[] = [];
  const left = await fit({
    ...{ resume: join(output, 'whole'), epochs: 8, network: perceptron() },
    ...{ tricks: configured(recipe), onProgress: (line) => lines.push(line) },
  });
  expect(left).toMatchObject({ finished: true, step: 8 * 16 });
  expect(lines.join('\n')).toContain(
    'processes: 1 instead of 2. From epoch 7 on a step takes 4 images',
  );

  for (const { error } of [differing!, others![3]!]) {
    expect(error).toContain(
      'rank 1 has seed 7, not 42; learningRate {"base":0.2}, not {"base":0.4}',
    );
  }
  expect(lonely!.error).toContain('tricks: expected one that averages gradients');
});
