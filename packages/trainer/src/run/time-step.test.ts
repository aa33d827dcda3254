import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { expect, onTestFinished, test, vi } from 'vitest';
import { recipeTricks } from '../config/known-tricks.ts';
import { fit } from '../fit.ts';
import { createNetwork } from '../networks.ts';
import { tricks } from '../tricks/index.ts';
import { timeStep } from './time-step.ts';

/** The weights, statistics and losses of a short run with all that a step changes. */
async function trained(onProgress?: (line: string) => void) {
  const output = mkdtempSync(join(tmpdir(), 'time-step-'));
  onTestFinished(() => rmSync(output, { recursive: true, force: true }));
  await registerTensorFlowBackend();
  const shape = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
  const network = createNetwork('resnet20d', shape);
  const losses: number[] = [];
  const { evaluation, best } = await fit({
    ...{ network, output, dataset: 'synthetic', epochs: 3, batchSize: 8 },
    synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 8 },
    tricks: [...recipeTricks(), tricks.ema({ decay: 0.5 }), tricks.amp({ dtype: 'float16' })],
    hooks: [{ onBatchEnd: ({ loss }) => void losses.push(loss) }],
    ...(onProgress && { onProgress }),
  });
  const variables = { ...network.parameters, ...network.buffers };
  const values = Object.values(variables).map((one) => Array.from(one.dataSync()));
  network.dispose();
  return { losses, values, best, loss: evaluation!.loss };
}

test('a step is timed before the first one, and nothing of it stays', async () => {
  const lines: string[] = [];
  const timed = await trained((line) => lines.push(line));
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^A step takes [\d.]+ s: 12 steps in 0:00:\d\d, beside evaluations and waiting for images$/,
    ),
  );
  expect(timed).toEqual(await trained());
});

/** Times the steps of a run that take so many seconds each. */
async function timed(seconds: readonly number[], signal?: AbortSignal) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lines: string[] = [];
  const left = [...seconds];
  const train = vi.fn(() => new Promise((done) => setTimeout(done, 1000 * left.shift()!)));
  const rewind = vi.fn(() => Promise.resolve());
  const run = {
    config: { batchSize: 2, epochs: 3, seed: 1, linearProbe: false },
    ...{ stepsPerEpoch: 10, dataset: { imageShape: [8, 8, 3] }, tricks: [] },
    ...{ processes: { size: 1 }, runner: { train, rewind }, schedule: () => 0.1 },
  };
  const timing = timeStep(run as never, (line) => lines.push(line), signal);
  timing.catch(() => {});
  await vi.runAllTimersAsync();
  return { timing, line: lines.at(-1)!, train, rewind };
}

test('the first step of a process, which is slower, is not the measure, even if it takes long', async () => {
  const { line, train, rewind } = await timed([41, 4.7]);
  expect(line).toMatch(/^A step takes 4\.7 s: 30 steps in 0:02:21, beside/);
  expect(train).toHaveBeenCalledTimes(2);
  expect(rewind).toHaveBeenCalledTimes(1);
});

test('after a step of a minute no second one is waited for, and the time is called the most', async () => {
  const { line, train, rewind } = await timed([121]);
  expect(line).toMatch(/^A step takes at most 120 s: 30 steps in at most 1:00:30, beside/);
  expect(train).toHaveBeenCalledTimes(1);
  expect(rewind).toHaveBeenCalledTimes(1);
});

test('who is asked to stop meanwhile takes no second step', async () => {
  const { timing, train } = await timed([5], AbortSignal.abort(new Error('enough')));
  await expect(timing).rejects.toThrow('enough');
  expect(train).toHaveBeenCalledTimes(1);
});
