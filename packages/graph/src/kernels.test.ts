import { readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { expectGraphToEqualEager, type Tensors } from '../test/support/compare.ts';
import {
  type Examples,
  exampleInputs,
  kernelExamples,
  randomKernels,
} from '../test/support/kernels/index.ts';
import { compile } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** Kernels whose outputs have a size that depends on values: no graph can hold their shapes. */
const withoutFixedShape = [
  ...['NonMaxSuppressionV3', 'NonMaxSuppressionV5', 'RaggedGather', 'RaggedRange'],
  ...[
    'SparseFillEmptyRows',
    'SparseSegmentMean',
    'SparseSegmentSum',
    'StringNGrams',
    'StringSplit',
  ],
  'Unique',
];

const seen: string[] = [];

function example(name: string) {
  return (inputs: Tensors): Tensors => {
    const result = kernelExamples[name]!(inputs as Examples);
    if (result instanceof tf.Tensor) return { y: result };
    return Array.isArray(result)
      ? Object.fromEntries(result.map((tensor, i) => [`y${i}`, tensor]))
      : result;
  };
}

test('there is an example for every kernel, and no other', () => {
  const kernels = tf.getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName);
  expect(Object.keys(kernelExamples).sort()).toEqual([...new Set(kernels)].sort());
});

test.each(Object.keys(kernelExamples))('%s', async (name) => {
  const fn = example(name);
  const inputs = exampleInputs();
  const { kernelNames } = await tf.profile(() => tf.tidy(() => void fn(inputs)));
  expect(kernelNames).toContain(name);
  if (withoutFixedShape.includes(name)) {
    const graph = expectGraphToEqualEager(fn, inputs);
    await expect(graph).rejects.toThrow(/output depends on values/);
    return;
  }
  if (randomKernels.has(name)) {
    const compiled = await compile(() => fn(inputs), { inputs: {} });
    expect(await compiled.run({})).toHaveProperty('y');
    await compiled.dispose();
    return;
  }
  await expectGraphToEqualEager(fn, inputs, 1e-5);
  seen.push(name);
});

test('softmax of a row with NaN is NaN, beside other rows, as eagerly', async () => {
  const softmax = ({ x }: Tensors): Tensors => ({ y: tf.softmax(x!) });
  const x = tf.tensor2d([2, 1, Number.NaN, 1, 2, 3], [2, 3]);
  await expectGraphToEqualEager(softmax, { x });
});

test('mean of whole numbers and of truth values compiles', async () => {
  const mean = ({ x, t }: Tensors): Tensors => ({ x: tf.mean(x!, 1), t: tf.mean(t!) });
  const x = tf.tensor2d([1, 2, 4, 8], [2, 2], 'int32');
  await expectGraphToEqualEager(mean, { x, t: tf.tensor1d([true, false, true], 'bool') });
});

test('the README lists the kernels that were seen to compile; UPDATE_README=1 writes the list', () => {
  const path = new URL('../README.md', import.meta.url);
  const list = [
    '<!-- kernels -->',
    '',
    '| | kernels of tfjs, as tfjs-node and libtensorflow register them |',
    '|---|---|',
    `| compile, and equal eager tfjs (${seen.length}) | ${seen.sort().join(', ')} |`,
    `| compile; their numbers are random (${randomKernels.size}) | ${[...randomKernels].join(', ')} |`,
    `| cannot: the shape of their output depends on values (${withoutFixedShape.length}) | ${withoutFixedShape.join(', ')} |`,
    '',
    '<!-- /kernels -->',
  ].join('\n');
  const readme = readFileSync(path, 'utf8');
  const updated = readme.replace(/<!-- kernels -->[\s\S]*<!-- \/kernels -->/, list);
  if (process.env.UPDATE_README === '1') writeFileSync(path, updated);
  else expect(readme).toBe(updated);
});
