// What is traced otherwise where there is a GPU; here it runs on the CPU, and must compute the same.

import { messagesOf } from '@bag-of-tricks/libtensorflow/protobuf';
import { nesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { pretendGpu } from '../../test/support/pretend-gpu.ts';
import { type CompiledFunction, compile } from '../index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

/** Ops and devices of a graph's nodes. */
async function nodesOf(compiled: Pick<CompiledFunction<never, undefined>, 'graphDef'>) {
  const text = (node: Uint8Array, field: number) =>
    new TextDecoder().decode(messagesOf(node, field)[0]);
  const nodes = messagesOf(await compiled.graphDef(), 1);
  return nodes.map((node) => ({ op: text(node, 2), device: text(node, 4) }));
}

const opsOf = async (compiled: Parameters<typeof nodesOf>[0]) =>
  (await nodesOf(compiled)).map(({ op }) => op);

test('an update that is skipped needs no branch, and is the same to the bit', async () => {
  const train = async () => {
    const weight = tf.variable(tf.tensor1d([0.5, -1, 2]));
    const optimizer = nesterovSgd({ weight }, { momentum: 0.8, weightDecay: 1e-2 });
    const velocity = Object.values(optimizer.velocities)[0]!;
    const variables = [weight, velocity];
    const compiled = await compile(
      ({ gradient, rate }) => {
        const before = variables.map((variable) => tf.clone(variable));
        optimizer.applyGradients({ weight: gradient }, rate);
        const condition = tf.all(tf.isFinite(gradient));
        variables.forEach((variable, i) => {
          const inputs = { condition, t: variable, e: before[i]! };
          variable.assign(tf.engine().runKernel(tf.Select, inputs) as tf.Tensor);
        });
      },
      { inputs: { gradient: { shape: [3] }, rate: { shape: [] } } },
    );
    const states = [];
    for (const [i, last] of [1, Number.POSITIVE_INFINITY, 2, Number.NaN, 0.5].entries()) {
      await compiled.run({ gradient: [0.5, -1, last], rate: 0.1 / (1 + i) });
      const state = await compiled.read({ weight, velocity });
      states.push(Object.values(state).map(({ values }) => Array.from(values)));
    }
    const ops = await opsOf(compiled);
    await compiled.dispose();
    return { states, ops };
  };
  const here = await train();
  const there = await pretendGpu(train);
  expect(there.states).toEqual(here.states);
  expect(there.states[1]).toEqual(there.states[0]);
  expect(there.states[2]).not.toEqual(there.states[0]);
  expect(here.ops).toContain('Switch');
  expect(there.ops).not.toContain('Switch');
  expect(there.ops).toContain('MulNoNan');
});

test('the key of a draw is made in host memory, and draws the same', async () => {
  const draw = async () => {
    const step = tf.variable(tf.scalar(3, 'int32'), false);
    const compiled = await compile(() => tf.randomNormal([8]), {
      inputs: {},
      random: { seed: 7, step },
    });
    const { values } = (await compiled.run({})) as { values: Float32Array };
    const nodes = await nodesOf(compiled);
    await compiled.dispose();
    return { values, nodes };
  };
  const here = await draw();
  const there = await pretendGpu(draw);
  expect(there.values).toEqual(here.values);
  const onHost = there.nodes.filter(({ device }) => device === '/device:CPU:0');
  expect(onHost.map(({ op }) => op).sort()).toEqual(['Cast', 'Const', 'Pack']);
  expect(here.nodes.every(({ device }) => device === '')).toBe(true);
});

test('zeros around a tensor need no constant, other numbers do', async () => {
  const pad = (value: number) => async () => {
    const compiled = await compile(({ x }) => tf.pad(x, [[1, 0]], value), {
      inputs: { x: { shape: [2] } },
    });
    const { values } = (await compiled.run({ x: [1, 2] })) as { values: Float32Array };
    const ops = await opsOf(compiled);
    await compiled.dispose();
    return { values: Array.from(values), isZeros: ops.includes('Pad') };
  };
  expect(await pad(0)()).toEqual({ values: [0, 1, 2], isZeros: false });
  expect(await pretendGpu(pad(0))).toEqual({ values: [0, 1, 2], isZeros: true });
  expect(await pretendGpu(pad(-1))).toEqual({ values: [-1, 1, 2], isZeros: false });
});

test('a part of an input of bytes is cut as bytes, and cut again', async () => {
  const compiled = await compile(
    ({ x }) => {
      const part = tf.slice(x, [1, 0], [2, 2]);
      return {
        whole: tf.add(part, tf.scalar(1, 'int32')),
        real: tf.cast(tf.slice(part, [1, 0]), 'float32'),
      };
    },
    { inputs: { x: { shape: [3, 2], dtype: 'uint8' } } },
  );
  const { whole, real } = await compiled.run({ x: Uint8Array.of(1, 2, 253, 254, 5, 255) });
  expect(whole).toMatchObject({ shape: [2, 2], values: Int32Array.of(254, 255, 6, 256) });
  expect(real).toMatchObject({ shape: [1, 2], values: Float32Array.of(5, 255) });
  // Cast once to int32 for the sum, and once to float32.
  const ops = await opsOf(compiled);
  expect(ops.filter((op) => op === 'Cast')).toHaveLength(2);
  await compiled.dispose();
});
