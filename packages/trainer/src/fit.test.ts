import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { losses, stopAfter, weights } from '../test/runs.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { DivergenceError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { resumeTraining, train } from './fit.ts';

const output = mkdtempSync(join(tmpdir(), 'train-'));

/** A run of seconds: 12 steps of ResNet-20-D on images of 12x12 with four classes. */
const small = (experiment: string, changes: Partial<TrainConfigInput> = {}): TrainConfigInput => ({
  model: 'resnet20d',
  dataset: 'synthetic',
  synthetic: { imageSize: 12, channels: 1, numClasses: 4, trainSamples: 96, evalSamples: 50 },
  augment: { cropPadding: 1, flip: false },
  epochs: 3,
  batchSize: 24,
  learningRate: { base: 0.8 },
  warmup: { epochs: 0.5 },
  evalBatchSize: 20,
  output,
  experiment,
  ...changes,
});

beforeAll(async () => {
  await registerTensorFlowBackend();
});

describe('a run', { tags: ['slow'] }, () => {
  test('learns, and leaves its configuration, its environment, its curves and two checkpoints', async () => {
    const result = await train(small('whole', { epochs: 8 }));
    expect(result).toMatchObject({ finished: true, step: 32, totalSteps: 32 });
    expect(result.evaluation!.top1).toBeGreaterThan(60);
    expect(readdirSync(result.runFolder).sort()).toEqual([
      'args.yaml',
      'checkpoints',
      'env.json',
      'metrics.jsonl',
      'report.html',
      'summary.csv',
    ]);
    expect(
      readFileSync(join(result.runFolder, 'summary.csv'), 'utf8').trim().split('\n'),
    ).toHaveLength(9);
    const folder = join(result.runFolder, 'checkpoints');
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(['best', 'last', 'epoch-0008-step-00000032']),
    );
    expect(readdirSync(join(folder, 'last')).sort()).toEqual([
      'SHA256SUMS',
      'model.safetensors',
      'optimizer.safetensors',
      'state.json',
      'tricks.safetensors',
    ]);
  });

  test('ends with an accuracy that a later evaluation of its checkpoint gives again', async () => {
    const result = await train(small('scored'));
    const again = await evaluate(result.runFolder, { link: 'last' });
    expect(again.top1).toBe(result.evaluation!.top1);
    expect(again.top5).toBe(result.evaluation!.top5);
    expect(again.loss).toBeCloseTo(result.evaluation!.loss, 6);
    const smallerBatches = await evaluate(result.runFolder, { link: 'last', batchSize: 7 });
    expect(smallerBatches.top1).toBe(again.top1);
    expect(smallerBatches.loss).toBeCloseTo(again.loss, 4);
  });

  test.each([true, false])(
    'keeps no tensor and no native handle (compile: %s)',
    async (compile) => {
      const backend = await registerTensorFlowBackend();
      await train(small(`leak-warmup-${compile}`, { compile }));
      const before = [tf.memory().numTensors, backend.nativeHandleCount()];
      await train(small(`leak-${compile}`, { compile }));
      await evaluate(join(output, `leak-${compile}`));
      expect([tf.memory().numTensors, backend.nativeHandleCount()]).toEqual(before);
    },
  );

  test('op by op gives what the compiled graph gives', async () => {
    const compiled = await train(small('compiled'));
    const eager = await train(small('eager', { compile: false }));
    losses(eager.runFolder).forEach((loss, i) => {
      expect(Math.abs(loss / losses(compiled.runFolder)[i]! - 1)).toBeLessThan(1e-3);
    });
    expect(eager.evaluation!.loss).toBeCloseTo(compiled.evaluation!.loss, 2);
  });

  test('op by op, interrupted and resumed, equals an uninterrupted one', async () => {
    const whole = await train(small('eager-whole', { compile: false }));
    const first = await train(small('eager-cut', { compile: false }), stopAfter(5));
    const second = await resumeTraining(first.runFolder);
    expect(losses(second.runFolder)).toEqual(losses(whole.runFolder));
    expect(weights(second.runFolder)).toEqual(weights(whole.runFolder));
  });

  test.each([
    ['in the middle of an epoch', 6],
    ['at the end of an epoch', 8],
    ['after its first step', 1],
  ])('interrupted %s and resumed equals an uninterrupted one', async (_, steps) => {
    const whole = await train(small(`uninterrupted-${steps}`));
    const first = await train(small(`interrupted-${steps}`), stopAfter(steps));
    expect(first).toMatchObject({ finished: false, step: steps });
    const second = await resumeTraining(first.runFolder);
    expect(second).toMatchObject({ finished: true, step: whole.step });
    expect(losses(second.runFolder)).toEqual(losses(whole.runFolder));
    expect(weights(second.runFolder)).toEqual(weights(whole.runFolder));
    expect(second.evaluation!.top1).toBe(whole.evaluation!.top1);
    expect(second.best).toEqual(whole.best);
  });

  test('interrupted during an evaluation goes on with that evaluation', async () => {
    const whole = await train(small('evaluated'));
    const controller = new AbortController();
    let batches = 0;
    const onEvaluateBatchEnd = () => {
      batches += 1;
      // Three batches an evaluation: in the middle of the second one.
      if (batches === 5) controller.abort();
    };
    const first = await train(small('evaluating'), {
      signal: controller.signal,
      hooks: [{ onEvaluateBatchEnd }],
    });
    expect(first).toMatchObject({ finished: false, step: 8 });
    const second = await resumeTraining(first.runFolder);
    expect(losses(second.runFolder)).toEqual(losses(whole.runFolder));
    expect(second.best).toEqual(whole.best);
    const accuracies = (runFolder: string) =>
      readFileSync(join(runFolder, 'summary.csv'), 'utf8')
        .split('\n')
        .map((row) => row.split(',').slice(0, 6));
    expect(accuracies(second.runFolder)).toEqual(accuracies(whole.runFolder));
  });

  test('gives the same losses for the same seed and others for another', async () => {
    const [a, b, c] = [
      await train(small('seed-a')),
      await train(small('seed-b')),
      await train(small('seed-c', { seed: 43 })),
    ];
    expect(losses(b.runFolder)).toEqual(losses(a.runFolder));
    expect(losses(c.runFolder)).not.toEqual(losses(a.runFolder));
  });

  test('with every trick off still trains', async () => {
    const result = await train(
      small('baseline', {
        warmup: null,
        schedule: { name: 'step', boundaries: [1, 2] },
        learningRate: { base: 0.05 },
        linearScaling: false,
        noBiasDecay: false,
        zeroGamma: false,
        labelSmoothing: null,
        mixup: null,
      }),
    );
    const curve = losses(result.runFolder);
    expect(curve.at(-1)).toBeLessThan(curve[0]!);
  });

  test('that diverges is an error, and the last checkpoint stays as it was', async () => {
    const diverging = small('diverging', {
      learningRate: { base: 100 },
      linearScaling: false,
      schedule: { name: 'constant' },
      warmup: null,
      zeroGamma: false,
      epochs: 40,
    });
    await expect(train(diverging)).rejects.toThrow(DivergenceError);
    await expect(train({ ...diverging, experiment: 'diverging-2' })).rejects.toThrow(/--lr-base/);
    const checkpoints = readdirSync(join(output, 'diverging', 'checkpoints'));
    if (checkpoints.includes('last')) {
      for (const [name, values] of weights(join(output, 'diverging'))) {
        expect(values.every(Number.isFinite), name).toBe(true);
      }
    }
  });

  test('is neither stopped nor changed by observers that fail, and is saved before they hear of it', async () => {
    const fails = (name: string) => () => {
      throw new Error(`${name} failed`);
    };
    const warnings: string[] = [];
    const saved: boolean[] = [];
    let folder = '';
    const observed = await train(small('observed'), {
      hooks: [
        {
          onTrainBegin({ runFolder }) {
            folder = runFolder;
            mkdirSync(join(runFolder, 'report.html'));
          },
          onBatchEnd: fails('step'),
          onEvaluateBatchEnd: fails('evaluation'),
          onTrainEnd: fails('end'),
          async onEpochEnd({ epoch }) {
            const next = `epoch-000${epoch + 1}-`;
            const checkpoints = readdirSync(join(folder, 'checkpoints'));
            saved.push(checkpoints.some((name) => name.startsWith(next)));
            throw new Error('epoch failed');
          },
        },
      ],
      onProgress: (message) => warnings.push(message),
    });
    expect(observed.finished).toBe(true);
    expect(saved).toEqual([true, true, true]);
    const failed = warnings.flatMap((line) => /^Warning: (\S+) failed/.exec(line)?.[1] ?? []);
    expect(failed.sort()).toEqual([
      ...['onBatchEnd', 'onEpochEnd', 'onEvaluateBatchEnd', 'onTrainEnd'].map(
        (c) => `hooks[0].${c}`,
      ),
      ...['report.onEpochEnd', 'report.onTrainEnd'],
    ]);
    const alone = await train(small('unobserved'));
    expect(losses(folder)).toEqual(losses(alone.runFolder));
    expect(weights(folder)).toEqual(weights(alone.runFolder));
  });

  test('does not overwrite another one', async () => {
    // Its one step is no warmup.
    await train(small('once', { epochs: 1, stepsPerEpoch: 1 }));
    await expect(train(small('once'))).rejects.toThrow(/expected a new folder, it exists/);
  });
});

describe('distillation', { tags: ['slow'] }, () => {
  test('trains a student on a teacher checkpoint, in both forms', async () => {
    const teacher = await train(small('teacher', { epochs: 6 }));
    const [paper, convex] = [
      await train(
        small('student-paper', { distillation: { teacher: teacher.runFolder, form: 'paper' } }),
      ),
      await train(
        small('student-convex', { distillation: { teacher: teacher.runFolder, form: 'convex' } }),
      ),
    ];
    const alone = await train(small('student-alone'));
    // The same first batch through the same weights: the convex form at weight 0.5 is half of the paper's sum,
    // and the teacher's term adds to the loss on the labels.
    const [paperLoss, convexLoss, hardLoss] = [paper, convex, alone].map(
      ({ runFolder }) => losses(runFolder)[0]!,
    );
    expect(convexLoss).toBeCloseTo(paperLoss! / 2, 5);
    expect(paperLoss!).toBeGreaterThan(hardLoss! * 1.01);
  });

  test('refuses a teacher for other images or classes', async () => {
    const teacher = await train(
      small('other-teacher', {
        synthetic: { imageSize: 12, channels: 1, numClasses: 3, trainSamples: 48, evalSamples: 10 },
        epochs: 1,
      }),
    );
    await expect(
      train(small('other-student', { distillation: { teacher: teacher.runFolder } })),
    ).rejects.toThrow(
      /expected a network for 4 classes of 12x12x1 images .* got one for 3 classes/,
    );
  });

  test('refuses a teacher that is not there', async () => {
    await expect(
      train(small('orphan', { distillation: { teacher: join(output, 'nowhere') } })),
    ).rejects.toThrow(/expected a run folder or a checkpoint folder, found none/);
    expect(readdirSync(output)).not.toContain('orphan');
  });
});
