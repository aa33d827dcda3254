import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { consoleLog } from '@bag-of-tricks/run-folder';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  changeTrickState,
  losses,
  readLines,
  stopAfter,
  trickState,
  weights,
} from '../test/runs.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { DivergenceError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { resumeTraining, train } from './fit.ts';

const output = mkdtempSync(join(tmpdir(), 'mixed-'));

/** Eight steps of ResNet-20-D on images of 8x8 with four classes. */
const small = (
  experiment: string,
  amp: TrainConfigInput['amp'],
  changes: Partial<TrainConfigInput> = {},
): TrainConfigInput => ({
  model: 'resnet20d',
  dataset: 'synthetic',
  synthetic: { imageSize: 8, channels: 1, numClasses: 4, trainSamples: 32, evalSamples: 20 },
  augment: { cropPadding: 1, flip: false },
  epochs: 2,
  batchSize: 8,
  learningRate: { base: 0.8 },
  warmup: { epochs: 1 },
  zeroGamma: false,
  evalBatchSize: 20,
  output,
  experiment,
  amp,
  ...changes,
});

const read = (runFolder: string, name: string) => readFileSync(join(runFolder, name), 'utf8');

const metrics = (runFolder: string): Record<string, number>[] =>
  readLines(runFolder, 'metrics.jsonl');

const scales = (runFolder: string) =>
  metrics(runFolder).map(({ lossScale, skippedSteps }) => [lossScale, skippedSteps]);

/** What the trick keeps of its loss scale. */
const state = (runFolder: string) => {
  const { 'random/step': _, ...kept }: Record<string, number> = trickState(runFolder);
  return kept;
};
const scaleState = (scale: number, goodSteps: number, skippedSteps: number) => ({
  'amp/scale': scale,
  'amp/goodSteps': goodSteps,
  'amp/skippedSteps': skippedSteps,
});

/** The largest relative difference. */
const distance = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value / b[i]! - 1)));

beforeAll(async () => {
  await registerTensorFlowBackend();
});

describe('a run in mixed precision', { tags: ['slow'] }, () => {
  test('in bfloat16 is close to float32 and not equal, compiled and op by op alike', async () => {
    // So slow that a rounding does not grow from step to step.
    const changes = { learningRate: { base: 0.02 }, zeroGamma: true };
    const float32 = await train(small('float32', null, changes));
    const lines: string[] = [];
    const hooks = [consoleLog((line) => lines.push(line), { logInterval: 1 })];
    const amp = { dtype: 'bfloat16' } as const;
    const compiled = await train(small('bfloat16', amp, changes), { hooks });
    const eager = await train(small('eager', amp, { ...changes, compile: false }));
    const [wide, low] = [losses(float32.runFolder), losses(compiled.runFolder)];
    expect(distance(low, wide)).toBeLessThan(0.01);
    expect(low).not.toEqual(wide);
    expect(distance(losses(eager.runFolder), low)).toBeLessThan(0.01);
    expect(lines.join('\n')).toContain('mixed precision: bfloat16, loss scale: none');
    for (const { runFolder } of [compiled, eager]) {
      expect(JSON.parse(read(runFolder, 'env.json')).precision.dtype).toBe('bfloat16');
      expect(metrics(runFolder)[0]).not.toHaveProperty('lossScale');
    }
    expect(JSON.parse(read(float32.runFolder, 'env.json')).precision.dtype).toBe('float32');
  });

  test('in float16 has a dynamic loss scale, which its logs and its args.yaml show', async () => {
    const { runFolder } = await train(small('float16', { dtype: 'float16' }, { zeroGamma: true }));
    expect(scales(runFolder)).toEqual(new Array(8).fill([2 ** 15, 0]));
    expect(read(runFolder, 'summary.csv').trim().split('\n').at(-1)).toMatch(/,32768,0$/);
    expect(parse(read(runFolder, 'args.yaml')).amp).toEqual({
      dtype: 'float16',
      lossScale: 'dynamic',
      native: null,
    });
    expect(state(runFolder)).toEqual(scaleState(2 ** 15, 8, 0));
  });

  test('is emulated where that is asked for, whatever a probe says', async () => {
    const lines: string[] = [];
    const hooks = [consoleLog((line) => lines.push(line), { logInterval: 1 })];
    const amp = { dtype: 'bfloat16', native: 'emulated' } as const;
    const { runFolder } = await train(small('asked', amp), { hooks });
    expect(lines.join('\n')).toContain('rounded to it, as asked for');
    expect(JSON.parse(read(runFolder, 'env.json')).precision.native).toBe('emulated');
  });

  test.each([true, false])(
    'in bfloat16, interrupted and resumed, equals an uninterrupted one (compile: %s)',
    async (compile) => {
      const amp = { dtype: 'bfloat16', lossScale: 'dynamic' } as const;
      const whole = await train(small(`whole-${compile}`, amp, { compile }));
      const first = await train(small(`cut-${compile}`, amp, { compile }), stopAfter(3));
      expect(state(first.runFolder)['amp/goodSteps']).toBe(3);
      const second = await resumeTraining(first.runFolder);
      expect(metrics(second.runFolder).map(({ loss, lossScale }) => [loss, lossScale])).toEqual(
        metrics(whole.runFolder).map(({ loss, lossScale }) => [loss, lossScale]),
      );
      expect(weights(second.runFolder)).toEqual(weights(whole.runFolder));
      expect(state(second.runFolder)).toEqual(state(whole.runFolder));
    },
  );

  test.each([true, false])(
    'skips steps that overflow, halves the scale, recovers, and all that survives an interruption (compile: %s)',
    async (compile) => {
      const config = small(`begun-${compile}`, { dtype: 'float16' }, { compile, epochs: 4 });
      const begun = await train(config, stopAfter(1));
      // From here on with a scale that is too large.
      changeTrickState(begun.runFolder, scaleState(2 ** 24, 7, 2));
      const copy = join(output, `copy-${compile}`);
      cpSync(begun.runFolder, copy, { recursive: true, verbatimSymlinks: true });

      const lines: string[] = [];
      const hooks = [consoleLog((line) => lines.push(line), { logInterval: 1 })];
      const whole = await resumeTraining(begun.runFolder, { hooks });
      const history = scales(whole.runFolder).slice(1);
      const skipped = history.filter(([scale], i) => scale! < (history[i - 1]?.[0] ?? 2 ** 24));
      expect(skipped.length).toBeGreaterThan(1);
      expect(skipped.length).toBeLessThan(history.length);
      expect(history.at(-1)).toEqual([2 ** (24 - skipped.length), 2 + skipped.length]);
      expect(lines.filter((line) => line.startsWith('Skipped: step'))).toHaveLength(skipped.length);
      expect(losses(whole.runFolder).every(Number.isFinite)).toBe(true);
      for (const [name, values] of weights(whole.runFolder))
        expect(values.every(Number.isFinite), name).toBe(true);

      const cut = await resumeTraining(copy, stopAfter(2));
      expect(cut.finished).toBe(false);
      const resumed = await resumeTraining(copy);
      expect(scales(resumed.runFolder)).toEqual(scales(whole.runFolder));
      expect(losses(resumed.runFolder)).toEqual(losses(whole.runFolder));
      expect(weights(resumed.runFolder)).toEqual(weights(whole.runFolder));
    },
  );

  test('that skips at the lowest scale again and again has diverged', async () => {
    const stuck = train(small('stuck', { dtype: 'float16', lossScale: 2 ** 24 }, { epochs: 20 }));
    await expect(stuck).rejects.toThrow(DivergenceError);
    await expect(stuck).rejects.toThrow(/lowest loss scale, 16777216, but 20 steps .*--amp-dtype/);
    expect(metrics(join(output, 'stuck'))).toHaveLength(19);
  });

  test('distils at a temperature of 20 in float16: the scaled loss is beyond its range and stays float32', async () => {
    const teacher = await train(small('teacher', null, { zeroGamma: true }));
    // A seed whose gradients, unlike the loss, stay in the range.
    const changes = { distillation: { teacher: teacher.runFolder }, zeroGamma: true, seed: 3 };
    const first = async (experiment: string, amp: TrainConfigInput['amp']) => {
      const { runFolder } = await train(small(experiment, amp, changes), stopAfter(1));
      return { loss: losses(runFolder)[0]!, kept: state(runFolder) };
    };
    const wide = await first('student', null);
    const lossScale = 2 ** 16;
    const half = await first('student-float16', { dtype: 'float16', lossScale });
    expect(wide.loss * lossScale).toBeGreaterThan(65504);
    expect(Math.abs(half.loss / wide.loss - 1)).toBeLessThan(0.001);
    expect(half.kept['amp/skippedSteps']).toBe(0);
  });

  test('is evaluated in the precision that it was trained in, or in another', async () => {
    const { runFolder, evaluation } = await train(small('scored', { dtype: 'bfloat16' }));
    const link = 'last';
    const same = await evaluate(runFolder, { link });
    expect(same.notes.join()).toContain('mixed precision: bfloat16');
    expect(same.loss).toBeCloseTo(evaluation!.loss, 6);
    const float32 = await evaluate(runFolder, { link, settings: { amp: null } });
    expect(float32.notes).toEqual([]);
    expect(float32.loss).not.toBe(same.loss);
    expect(Math.abs(float32.loss / same.loss - 1)).toBeLessThan(0.02);
    const half = await evaluate(runFolder, { link, settings: { amp: { dtype: 'float16' } } });
    expect(half.notes.join()).toContain('mixed precision: float16');
    expect(half.loss).not.toBe(same.loss);
  });

  test.each([true, false])(
    'keeps no tensor and no native handle (compile: %s)',
    async (compile) => {
      const backend = await registerTensorFlowBackend();
      const amp = { dtype: 'bfloat16', lossScale: 'dynamic' } as const;
      await train(small(`leak-warmup-${compile}`, amp, { compile }));
      const before = [tf.memory().numTensors, backend.nativeHandleCount()];
      await train(small(`leak-${compile}`, amp, { compile }));
      expect([tf.memory().numTensors, backend.nativeHandleCount()]).toEqual(before);
    },
  );
});
