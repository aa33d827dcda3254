import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { expectGraphToEqualEager, type Tensors } from '../test/support/compare.ts';
import {
  type Examples,
  exampleInputs,
  kernelExamples,
  randomKernels,
} from '../test/support/kernels.ts';
import { compile } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** Kernels whose outputs have a size that depends on values: no graph can hold their shapes. */
const withoutFixedShape = ['NonMaxSuppressionV3', 'NonMaxSuppressionV5', 'Unique'];

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
  } else {
    await expectGraphToEqualEager(fn, inputs, 1e-5);
  }
  seen.push(name);
});

test('the README lists the kernels that were seen to compile', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const listed = /<!-- kernels -->\n([\s\S]*?)\n<!-- \/kernels -->/.exec(readme)?.[1];
  expect(listed).toBe(
    `| | tfjs kernels |\n|---|---|\n` +
      `| compile, and equal eager tfjs (${seen.length}) | ${seen.sort().join(', ')} |\n` +
      `| cannot: the shape of their output depends on values (${withoutFixedShape.length}) | ${withoutFixedShape.join(', ')} |`,
  );
});
