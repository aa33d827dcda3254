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

/** The sums of four batches, each sent while the one before it is summed, and one that is given to `run` itself. */
async function sumsOfSent() {
  const total = tf.variable(tf.scalar(0));
  const compiled = await compile(
    ({ x, rate }) => {
      const sum = tf.mul(tf.sum(tf.cast(tf.slice(x, [1, 0]), 'float32')), rate);
      total.assign(tf.add(total, sum));
      return { sum: sum as tf.Scalar };
    },
    {
      inputs: { x: { shape: [null, 2], dtype: 'uint8', ahead: true }, rate: { shape: [] } },
    },
  );
  const batch = (i: number) => Uint8Array.from({ length: 4 + 2 * (i % 2) }, (_, j) => 10 * i + j);
  const sums: number[] = [];
  let next = compiled.send('x', batch(0));
  for (let i = 0; i < 4; i++) {
    const running = compiled.run({ x: next, rate: 0.5 });
    if (i === 0) {
      await expect(compiled.run({ x: next, rate: 1 })).rejects.toThrow(/got one that was. Send/);
    }
    next = compiled.send('x', batch(i + 1));
    sums.push((await running).sum);
  }
  sums.push((await compiled.run({ x: batch(5), rate: 2 })).sum);
  const { values } = (await compiled.read({ total })).total!;
  const ops = await opsOf(compiled);
  const other = await compile(({ x }) => tf.sum(x), {
    inputs: { x: { shape: [null, 2], dtype: 'uint8', ahead: true } },
  });
  await expect(other.run({ x: next })).rejects.toThrow(/got one that was sent to another/);
  expect(() => compiled.send('rate', 1)).toThrow(/declared with ahead: true, got 'rate'/);
  expect(() => compiled.send('x', [1, 2, 256])).toThrow(/from 0 to 255/);
  // The last one was sent for nothing.
  await Promise.all([compiled.dispose(), other.dispose()]);
  expect(() => compiled.send('x', batch(0))).toThrow('send: this compiled function was disposed');
  return { sums, values: Array.from(values), takes: ops.includes('MapUnstage') };
}

test('what waits on the device for runs that are yet to begin is theirs, though the function is disposed', async () => {
  const sums = await pretendGpu(async () => {
    const total = tf.variable(tf.scalar(0));
    const compiled = await compile(
      ({ x }) => {
        total.assign(tf.add(total, tf.sum(x)));
        return tf.add(total, 0) as tf.Scalar;
      },
      { inputs: { x: { shape: [null], ahead: true } } },
    );
    const runs = [1, 2, 3, 4].map((value) => compiled.run({ x: [value] }));
    // Nobody takes these.
    for (let i = 0; i < 50; i++) compiled.send('x', [i]);
    await compiled.dispose();
    return Promise.all(runs);
  });
  expect(sums).toEqual([1, 3, 6, 10]);
});

test('a run that fails leaves what it was given to the caller, and the next one goes on', async () => {
  await pretendGpu(async () => {
    const weight = tf.variable(tf.scalar(1));
    const compiled = await compile(({ x }) => weight.assign(tf.add(weight, tf.sum(x))), {
      inputs: { x: { shape: [null], ahead: true }, y: { shape: [] } },
    });
    await compiled.run({ x: [1], y: 0 });
    // Often, for whether a value is still on its way then is chance.
    for (let i = 0; i < 40; i++) {
      const x = compiled.send('x', [1]);
      await expect(compiled.run({ x, y: [1, 2] })).rejects.toThrow(/input 'y' of shape/);
    }
    weight.assign(tf.scalar(5));
    await expect(compiled.run({ x: [1, 2], y: 0 })).rejects.toThrow(/assigned in JavaScript/);
    await compiled.write();
    await compiled.run({ x: [1, 2], y: 0 });
    expect(Array.from((await compiled.read({ weight })).weight!.values)).toEqual([8]);
    await compiled.dispose();
    await expect(compiled.run({ x: [1], y: 0 })).rejects.toThrow('run: this compiled function');
  });
});

test('what is sent ahead waits on the device for its run, whatever its shape, and computes the same', async () => {
  const here = await sumsOfSent();
  const there = await pretendGpu(sumsOfSent);
  expect(here).toEqual({
    ...{ sums: [2.5, 27, 22.5, 67, 428], values: [547] },
    takes: false,
  });
  expect(there).toEqual({ ...here, takes: true });
});
