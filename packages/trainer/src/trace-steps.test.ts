import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { messagesOf } from '@bag-of-tricks/libtensorflow/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { traceSteps } from './trace-steps.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
});

const config = {
  ...({ model: 'resnet20d', dataset: 'synthetic', batchSize: 4, evalBatchSize: 4 } as const),
  synthetic: { imageSize: 8, numClasses: 4, trainSamples: 8, evalSamples: 4 },
};

/** Names and ops of a GraphDef's nodes. */
const nodesOf = (graphDef: Uint8Array) =>
  new Map(
    messagesOf(graphDef, 1).map((node) => {
      const [name, op] = [1, 2].map((field) => Buffer.from(messagesOf(node, field)[0]!).toString());
      return [name!, op!] as const;
    }),
  );

test('both steps of a run are traced, the second graph holds the first, and nothing stays', async () => {
  const before = tf.memory().numTensors;
  const { train, evaluate } = await traceSteps(config);
  const [first, both] = [nodesOf(train), nodesOf(evaluate)];
  expect(first.has('update')).toBe(true);
  expect(first.get('inputs/images')).toBe('Placeholder');
  expect([...first.keys()].filter((name) => name.startsWith('outputs/')).sort()).toEqual([
    'outputs/finite',
    'outputs/loss',
    'outputs/top1',
  ]);
  expect([...first.keys()].every((name) => both.has(name))).toBe(true);
  expect(both.has('outputs/probabilities')).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
});

test('with other processes, which need not be there, gradients are exchanged', async () => {
  const { train } = await traceSteps(
    { ...config, synthetic: { ...config.synthetic, trainSamples: 16 } },
    { processes: 2 },
  );
  expect([...nodesOf(train).values()]).toContain('CollectiveReduceV2');
});

test('op by op there is nothing to trace', async () => {
  await expect(traceSteps({ ...config, compile: false })).rejects.toThrow(/compile to be true/);
});
