import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { defineTrick, type Trick, type TrickParts } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { formatDryRun } from './cli/format-dry-run.ts';
import { dryRun } from './dry-run.ts';

test('a dry run takes a step of everything, says what the run takes, and leaves nothing', {
  tags: ['slow'],
}, async () => {
  const backend = await registerTensorFlowBackend();
  const output = mkdtempSync(join(tmpdir(), 'dry-'));
  const left = () => readdirSync(output).filter((name) => name.startsWith('bag-of-tricks-dry-run'));
  const before = [tf.memory().numTensors, backend.nativeHandleCount(), left().length];
  const taken = await dryRun({
    ...{
      model: 'resnet20d',
      dataset: 'synthetic',
      epochs: 7,
      evalInterval: 3,
      batchSize: 24,
      output,
    },
    synthetic: { imageSize: 12, channels: 1, numClasses: 4, trainSamples: 100, evalSamples: 50 },
    ...{ evalBatchSize: 20, checkpointInterval: 5, ema: true },
  });
  expect([tf.memory().numTensors, backend.nativeHandleCount(), left().length]).toEqual(before);
  expect(readdirSync(output)).toEqual([]);
  expect(taken).toMatchObject({ steps: 28, evaluations: 3 });
  // 270,000 parameters of four bytes: the weights, and the same again for averages and velocities.
  expect(taken.weights).toBeGreaterThan(4 * 270_000);
  expect(taken.checkpoint).toBeGreaterThan(2 * taken.weights + taken.optimizer);
  // The last two, the best, the one before and the one that is written.
  expect(taken.kept).toBe(5 * taken.checkpoint);
  expect(taken.free).toBeGreaterThan(taken.kept);
  expect(taken.peakMemory).toBeGreaterThan(taken.checkpoint);
  // Two sets of weights on three batches, three times; twelve checkpoints.
  const { firstStepSeconds, stepSeconds, evaluationBatchSeconds, checkpointSeconds } = taken;
  expect(taken.totalSeconds).toBeCloseTo(
    firstStepSeconds + 27 * stepSeconds + 18 * evaluationBatchSeconds + 12 * checkpointSeconds,
    6,
  );
});

test('a dry run that is stopped or leaves the finite numbers says so, and leaves nothing', {
  tags: ['slow'],
}, async () => {
  await registerTensorFlowBackend();
  const output = mkdtempSync(join(tmpdir(), 'dry-'));
  const left = () => readdirSync(output).filter((name) => name.startsWith('bag-of-tricks-dry-run'));
  const before = left().length;
  const stop = new AbortController();
  const watched = (step: TrickParts['step'], gradients: TrickParts['gradients']) =>
    defineTrick({
      name: 'watched',
      description: 'watch a step',
      settings: {},
      build: () => ({ ...(step && { step }), ...(gradients && { gradients }) }),
    });
  const dry = (trick: Trick, signal?: AbortSignal) =>
    dryRun(
      {
        ...{
          model: 'resnet20d',
          dataset: 'synthetic',
          epochs: 6,
          batchSize: 24,
          compile: false,
          output,
        },
        synthetic: { imageSize: 8, channels: 1, numClasses: 4, trainSamples: 96, evalSamples: 16 },
        ...({ watched: true } as object),
      },
      { plugins: [trick], ...(signal && { signal }) },
    );
  const stopping = watched(
    (inner) =>
      (...given) => {
        stop.abort();
        return inner(...given);
      },
    undefined,
  );
  await expect(dry(stopping, stop.signal)).rejects.toThrow(/aborted/);
  const infinite = watched(undefined, (inner) => (...given) => {
    const { gradients, metrics } = inner(...given);
    const [first] = Object.keys(gradients);
    return { gradients: { ...gradients, [first!]: tf.div(gradients[first!]!, 0) }, metrics };
  });
  expect(await dry(infinite)).toMatchObject({ nonFinite: { step: 1 } });
  expect(left().length).toBe(before);
});

test('the lines of a dry run name each figure with its unit', () => {
  const estimate = {
    ...{ peakMemory: 3 * 2 ** 30, weights: 2 ** 20, optimizer: 2 ** 21, checkpoint: 2 ** 22 },
    processes: 1,
    ...{ firstStepSeconds: 4, stepSeconds: 0.5, imagesPerSecond: 64, evaluationBatchSeconds: 0.2 },
    nonFinite: null,
    ...{ free: 2 ** 33, kept: 5 * 2 ** 22 },
    ...{ checkpointSeconds: 0.1, steps: 100, evaluations: 3, totalSeconds: 93_784 },
  };
  expect(formatDryRun({ ...estimate, nonFinite: { step: 2, loss: Number.NaN } }).at(-2)).toMatch(
    /^Warning: step 2, at a loss of NaN, was not finite/,
  );
  expect(formatDryRun({ ...estimate, free: 2 ** 20 }).at(-2)).toMatch(
    /^Warning: the disk has no room/,
  );
  expect(formatDryRun(estimate)).toEqual([
    'Memory: 3072.0 MiB at most so far',
    'Weights: 1.0 MiB, optimiser: 2.0 MiB, a checkpoint: 4.0 MiB, written in 0.100 s',
    "Disk: 8192.0 MiB free, of which the run's checkpoints take 20.0 MiB",
    'First step, which traces the graph: 4.00 s',
    'A step: 0.500 s, 64.0 img/s',
    'A batch of evaluation: 0.200 s',
    'The whole run, 100 steps with 3 evaluations and its checkpoints: about 1 d 2 h 3 min',
    'Nothing was written',
  ]);
  const together = formatDryRun({ ...estimate, processes: 2 });
  expect([together[0], together[4], together.at(-2)]).toEqual([
    'Memory: 3072.0 MiB at most so far, the largest of 2 processes',
    'A step of 2 processes: 0.500 s, 64.0 img/s',
    'The whole run of 2 processes, 100 steps with 3 evaluations and its checkpoints: about 1 d 2 h 3 min',
  ]);
});
