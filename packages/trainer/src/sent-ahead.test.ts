import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '@bag-of-tricks/image-data';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { defineTrick, fromLayersModel } from '@bag-of-tricks/train-step';
import { describe, expect, test } from 'vitest';
import { losses } from '../test/runs.ts';
import { ownBatches, smallModel } from '../test/small-parts.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { fit, train } from './fit.ts';
import { sentAhead } from './sent-ahead.ts';

describe('items sent ahead', () => {
  /** What happens to so many items, the last of which may fail, until the consumer leaves. */
  async function story({
    count,
    fails = false,
    leaveAt = Number.POSITIVE_INFINITY,
  }: {
    readonly count: number;
    readonly fails?: boolean;
    readonly leaveAt?: number;
  }) {
    const said: string[] = [];
    async function* items() {
      try {
        for (let i = 0; i < count; i++) yield i;
        if (fails) throw new Error('no more');
      } finally {
        said.push('closed');
      }
    }
    try {
      for await (const item of sentAhead(items(), (one) => said.push(`send ${one}`))) {
        said.push(`begin ${item}`);
        await new Promise(setImmediate);
        said.push(`end ${item}`);
        if (item === leaveAt) break;
      }
    } catch (error) {
      said.push((error as Error).message);
    }
    return said;
  }

  test('are sent while the one before is worked on, and no earlier', async () => {
    expect(await story({ count: 2 })).toEqual([
      ...['send 0', 'begin 0', 'send 1', 'end 0', 'begin 1', 'closed', 'end 1'],
    ]);
  });

  test('fail when their turn comes, and end with the consumer', async () => {
    const failing = await story({ count: 1, fails: true });
    expect(failing.slice(-2)).toEqual(['end 0', 'no more']);
    expect(await story({ count: 9, leaveAt: 1 })).toEqual([
      'send 0',
      'begin 0',
      'send 1',
      'end 0',
      'begin 1',
      'send 2',
      'end 1',
      'closed',
    ]);
    expect(await story({ count: 0 })).toEqual(['closed']);
  });

  test('are asked for no more once their source is closed', async () => {
    const said: string[] = [];
    const say = (word: string, done: boolean) => {
      said.push(word);
      return Promise.resolve({ done, value: 0 });
    };
    const source = { next: () => say('next', false), return: () => say('return', true) };
    const items = { [Symbol.asyncIterator]: () => source };
    for await (const _ of sentAhead(items, () => {})) break;
    await new Promise(setImmediate);
    expect(said).toEqual(['next', 'next', 'return']);
  });

  test('are taken one by one where nothing is sent', async () => {
    let asked = 0;
    const items = function* () {
      for (; asked < 3; ) yield asked++;
    };
    for await (const item of sentAhead(items(), undefined)) expect(item).toBe(asked - 1);
    expect(asked).toBe(3);
  });
});

/** Runs `action` while the backend says that it has a GPU. */
async function pretendGpu<T>(action: () => Promise<T>): Promise<T> {
  const { binding } = await registerTensorFlowBackend();
  Object.defineProperty(binding, 'isUsingGpuDevice', { value: () => true, configurable: true });
  try {
    return await action();
  } finally {
    Reflect.deleteProperty(binding, 'isUsingGpuDevice');
  }
}

test('a run with a GPU asks for the next batch before a step is over, in training and evaluation, and draws when it is', async () => {
  const story = async () => {
    const said: string[] = [];
    const data = ownBatches();
    const told = function* (word: string, batches: readonly Batch[]) {
      for (const batch of batches) {
        said.push(word);
        yield batch;
      }
    };
    const model = smallModel({ dropout: 0, batchNorm: false });
    const noted = defineTrick({
      ...{ name: 'noted', description: 'notes when it draws', settings: {} },
      build: () => ({
        draws: {
          shapes: { noted: [] },
          draw: () => {
            said.push('draw');
            return { noted: 0 };
          },
        },
      }),
    });
    const [one, other] = data.batches as [Batch, Batch];
    await fit({
      ...{
        network: fromLayersModel(model),
        tricks: [noted()],
        epochs: 1,
        batchSize: 8,
        evalBatchSize: 8,
      },
      ...{ output: mkdtempSync(join(tmpdir(), 'ahead-')), experiment: 'asked' },
      data: {
        ...data,
        trainBatches: () => told('train', [one, one, other, one]),
        evalBatches: () => told('score', [one, one]),
      },
      hooks: [
        {
          onBatchEnd: () => said.push('trained'),
          onEvaluateBatchEnd: () => said.push('scored'),
        },
      ],
    });
    model.dispose();
    return said.join(' ');
  };
  await registerTensorFlowBackend();
  expect(await story()).toBe(`${'train draw trained '.repeat(4)}score scored score scored`);
  expect(await pretendGpu(story)).toBe(
    `train ${'draw train trained '.repeat(3)}draw trained score score scored scored`,
  );
});

test('a run whose images wait on a GPU, as far as one can see without, is the same bit for bit', {
  tags: ['slow'],
}, async () => {
  await registerTensorFlowBackend();
  const config = (experiment: string): TrainConfigInput => ({
    ...{ model: 'resnet20d', dataset: 'synthetic', epochs: 2, batchSize: 8, evalBatchSize: 5 },
    synthetic: { imageSize: 12, channels: 3, numClasses: 4, trainSamples: 32, evalSamples: 12 },
    ...{ gradientAccumulation: { steps: 2 }, augment: { colorJitter: 0.2 } },
    ...{ output: mkdtempSync(join(tmpdir(), 'ahead-')), experiment },
  });
  const here = await train(config('here'));
  const there = await pretendGpu(() => train(config('there')));
  expect(losses(there.runFolder)).toEqual(losses(here.runFolder));
  expect({ ...there.evaluation, seconds: 0 }).toEqual({ ...here.evaluation, seconds: 0 });
  const weights = ({ runFolder }: { readonly runFolder: string }) =>
    readFileSync(join(runFolder, 'checkpoints/last/model.safetensors'));
  expect(weights(there).equals(weights(here))).toBe(true);
});
