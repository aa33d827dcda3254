import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { compile } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const scalarInput = { x: { shape: [] } } as const;

/** The numbers of a variable in the graph, as JavaScript reads them. */
async function numbers(
  compiled: Awaited<ReturnType<typeof compile>>,
  variable: tf.Variable,
): Promise<number[]> {
  const { v } = await compiled.read({ v: variable });
  return Array.from(v!.values);
}

describe('variables that fn assigns', () => {
  test('are state: each run continues where the last one ended, and JavaScript keeps its own value', async () => {
    const total = tf.variable(tf.scalar(10));
    const compiled = await compile(
      ({ x }) => {
        const before = tf.clone(total) as tf.Scalar;
        total.assign(tf.add(total, x) as tf.Scalar);
        return { before, after: total as tf.Scalar };
      },
      { inputs: scalarInput },
    );
    expect(await compiled.run({ x: 1 })).toEqual({ before: 10, after: 11 });
    expect(await compiled.run({ x: 2 })).toEqual({ before: 11, after: 13 });
    expect(await numbers(compiled, total)).toEqual([13]);
    expect(total.dataSync()[0]).toBe(10);
    await compiled.sync();
    expect(total.dataSync()[0]).toBe(13);
    expect(await compiled.run({ x: 1 })).toEqual({ before: 13, after: 14 });
    await compiled.dispose();
  });

  test('may be integers, and be assigned twice or from JavaScript values', async () => {
    const counter = tf.variable(tf.scalar(2 ** 24, 'int32'), false);
    const other = tf.variable(tf.scalar(1));
    const compiled = await compile(
      () => {
        counter.assign(tf.add(counter, tf.scalar(1, 'int32')) as tf.Scalar);
        counter.assign(tf.add(counter, tf.scalar(1, 'int32')) as tf.Scalar);
        other.assign(tf.scalar(42));
      },
      { inputs: {} },
    );
    await compiled.run({});
    await compiled.run({});
    expect(await numbers(compiled, counter)).toEqual([2 ** 24 + 4]);
    expect(await numbers(compiled, other)).toEqual([42]);
    await compiled.dispose();
  });

  test('may swap their values', async () => {
    const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
    const compiled = await compile(
      () => {
        const old = tf.clone(a);
        a.assign(b);
        b.assign(old);
      },
      { inputs: {} },
    );
    for (let run = 0; run < 3; run++) await compiled.run({});
    expect([await numbers(compiled, a), await numbers(compiled, b)]).toEqual([[2], [1]]);
    await compiled.dispose();
  });

  test('that began as copies of each other are apart, as an average of weights is', async () => {
    const weight = tf.variable(tf.scalar(1));
    const average = tf.variable(weight, false);
    const compiled = await compile(
      ({ x }) => {
        weight.assign(tf.add(weight, x) as tf.Scalar);
        average.assign(tf.add(tf.mul(average, 0.5), tf.mul(weight, 0.5)) as tf.Scalar);
      },
      { inputs: scalarInput },
    );
    await compiled.run({ x: 2 });
    expect([await numbers(compiled, weight), await numbers(compiled, average)]).toEqual([[3], [2]]);
    await compiled.dispose();
  });

  test('a tensor that shares the data of a variable stays what it was', async () => {
    const weight = tf.variable(tf.scalar(1));
    const snapshot = tf.clone(weight);
    const compiled = await compile(
      () => {
        weight.assign(tf.add(weight, 1) as tf.Scalar);
        return tf.sub(weight, snapshot) as tf.Scalar;
      },
      { inputs: {} },
    );
    expect([await compiled.run({}), await compiled.run({})]).toEqual([1, 2]);
    await compiled.dispose();
  });

  test('a value from an input is assigned after the old one was read', async () => {
    const last = tf.variable(tf.zeros([1000]));
    const compiled = await compile(
      ({ x }) => {
        const difference = tf.sub(x, last);
        last.assign(x);
        return tf.sum(difference) as tf.Scalar;
      },
      { inputs: { x: { shape: [1000] } } },
    );
    for (const value of [1, 3, 6]) {
      const step = await compiled.run({ x: new Float32Array(1000).fill(value) });
      expect(step).toBe({ 1: 1000, 3: 2000, 6: 3000 }[value]);
    }
    await compiled.dispose();
  });
});

describe('variables that fn makes', () => {
  test('are state with the initial value that fn gives them, and live on in JavaScript', async () => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    let velocity: tf.Variable | undefined;
    const step = ({ x }: { x: tf.Tensor }) => {
      velocity ??= tf.tidy(() => tf.variable(tf.onesLike(weight), false));
      velocity.assign(tf.add(velocity, x));
      weight.assign(tf.add(weight, velocity) as tf.Tensor1D);
    };
    const compiled = await compile(step, { inputs: { x: { shape: [2] } } });
    expect(Array.from(velocity!.dataSync())).toEqual([1, 1]);
    await compiled.run({ x: [1, 0] });
    await compiled.run({ x: [1, 0] });
    expect(await numbers(compiled, velocity!)).toEqual([3, 1]);
    expect(await numbers(compiled, weight)).toEqual([1 + 2 + 3, 2 + 1 + 1]);
    await compiled.sync();
    expect(Array.from(velocity!.dataSync())).toEqual([3, 1]);
    tf.tidy(() => step({ x: tf.tensor1d([1, 0]) }));
    expect(Array.from(weight.dataSync())).toEqual([10, 5]);
    await compiled.dispose();
  });

  test('may begin as copies of other variables', async () => {
    const weight = tf.variable(tf.scalar(4));
    let average: tf.Variable | undefined;
    const compiled = await compile(
      () => {
        average ??= tf.variable(tf.mul(weight, 2), false);
        weight.assign(tf.add(weight, 1) as tf.Scalar);
        return tf.clone(average) as tf.Scalar;
      },
      { inputs: {} },
    );
    expect([await compiled.run({}), await compiled.run({})]).toEqual([8, 8]);
    expect(average!.dataSync()[0]).toBe(8);
    await compiled.dispose();
  });

  test('from an input are an error that names the remedy, and are gone', async () => {
    const before = tf.memory().numTensors;
    await expect(
      compile(({ x }) => tf.variable(tf.mul(x, 2)) as tf.Tensor as tf.Scalar, {
        inputs: scalarInput,
      }),
    ).rejects.toThrow(/computed from inputs .* new tf.variable of shape \[\]\. .*outside of fn/);
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(tf.engine().registeredVariables)).toEqual([]);
  });
});

describe('read and write', () => {
  test('go by tfjs names, or by names of the caller', async () => {
    const weight = tf.variable(tf.tensor2d([[1, 2]]), true, 'my/weight');
    const compiled = await compile(({ x }) => tf.sum(tf.mul(weight, x)) as tf.Scalar, {
      inputs: scalarInput,
    });
    const initial = { shape: [1, 2], dtype: 'float32', values: Float32Array.of(1, 2) };
    expect(await compiled.read()).toEqual({ 'my/weight': initial });
    expect(await compiled.read({ w: weight })).toEqual({ w: initial });
    await compiled.write({ w: [3, 4] }, { w: weight });
    expect(await compiled.run({ x: 1 })).toBe(7);
    await compiled.write({ 'my/weight': tf.tensor2d([[5, 6]]) });
    expect(await compiled.run({ x: 1 })).toBe(11);
    await compiled.write({ 'my/weight': initial as never });
    expect(await compiled.run({ x: 1 })).toBe(3);
    await compiled.dispose();
  });

  test('refuse unknown variables and wrong shapes, and leave the state alone', async () => {
    const weight = tf.variable(tf.tensor1d([1, 2]), true, 'weight');
    const gone = tf.variable(tf.scalar(0), true, 'gone');
    gone.dispose();
    const compiled = await compile(() => tf.sum(weight) as tf.Scalar, { inputs: {} });
    await expect(compiled.read({ gone })).rejects.toThrow(/read: .* 'gone', got a disposed one/);
    await expect(compiled.write({ other: [1] })).rejects.toThrow(/write: .* 'other', got none/);
    await expect(compiled.write({ weight: [1] }, { w: weight })).rejects.toThrow(
      /'weight', got none/,
    );
    await expect(compiled.write({ weight: [1, 2, 3] })).rejects.toThrow(
      /expected 2 values .* got 3/,
    );
    await expect(compiled.write({ weight: tf.ones([2, 1]) })).rejects.toThrow(
      /write: expected 'weight' of shape \[2\], got \[2,1\]/,
    );
    expect(await compiled.run({})).toBe(3);
    await compiled.dispose();
  });

  test('work before the first run: variables that are named become state', async () => {
    const weight = tf.variable(tf.scalar(2), true, 'early');
    const compiled = await compile(({ x }) => tf.sum(tf.mul(weight, x)) as tf.Scalar, {
      inputs: { x: { shape: [null] } },
    });
    expect(await compiled.read()).toEqual({});
    expect((await compiled.read({ w: weight })).w!.values[0]).toBe(2);
    await compiled.write({ early: [5] });
    expect(await compiled.run({ x: [1, 2] })).toBe(15);
    expect(weight.dataSync()[0]).toBe(2);
    await compiled.dispose();
  });

  test('a variable that is declared is state though fn does not touch it', async () => {
    const spare = tf.variable(tf.scalar(8), true, 'spare');
    const compiled = await compile(({ x }) => tf.square(x) as tf.Scalar, {
      inputs: scalarInput,
      variables: [spare],
    });
    expect((await compiled.read()).spare!.values[0]).toBe(8);
    await compiled.dispose();
  });

  test('an assignment in JavaScript is noticed, and write() takes it over', async () => {
    const weight = tf.variable(tf.scalar(1), true, 'loaded');
    const compiled = await compile(() => tf.mul(weight, 10) as tf.Scalar, { inputs: {} });
    weight.assign(tf.scalar(2));
    await expect(compiled.run({})).rejects.toThrow(
      /'loaded' was assigned in JavaScript.*write\(\)/,
    );
    await compiled.write();
    expect(await compiled.run({})).toBe(20);
    weight.assign(tf.scalar(9));
    await compiled.write({ loaded: [2] });
    expect(await compiled.run({})).toBe(20);
    weight.assign(tf.scalar(3));
    await compiled.sync();
    expect([weight.dataSync()[0], await compiled.run({})]).toEqual([2, 20]);
    await compiled.dispose();
  });
});

describe('more than one function or shape', () => {
  test('another batch size is compiled once and has the same state', async () => {
    const total = tf.variable(tf.scalar(0));
    const compiled = await compile(
      ({ x }) => {
        total.assign(tf.add(total, tf.sum(x)) as tf.Scalar);
        return { mean: tf.mean(x) as tf.Scalar, total: total as tf.Scalar };
      },
      { inputs: { x: { shape: [null, 2] } } },
    );
    expect(compiled.traces).toEqual([]);
    expect(await compiled.run({ x: [1, 1, 1, 1] })).toEqual({ mean: 1, total: 4 });
    expect(await compiled.run({ x: [3, 5] })).toEqual({ mean: 4, total: 12 });
    expect(await compiled.run({ x: [1, 1, 1, 1] })).toEqual({ mean: 1, total: 16 });
    expect(await compiled.run({ x: tf.tensor2d([[1, 1]]) })).toEqual({ mean: 1, total: 18 });
    expect(compiled.traces.map(({ shapes }) => shapes)).toEqual([{ x: [2, 2] }, { x: [1, 2] }]);
    await compiled.dispose();
  });

  test('slots made by the first trace are found by the second', async () => {
    const weight = tf.variable(tf.scalar(0));
    const optimizer = tf.train.momentum(1, 0.5);
    const compiled = await compile(
      ({ x }) => optimizer.minimize(() => tf.sum(tf.mul(weight, x)) as tf.Scalar, true)!,
      { inputs: { x: { shape: [null] } } },
    );
    await compiled.run({ x: [1] });
    await compiled.run({ x: [1, 0] });
    await compiled.run({ x: [1] });
    // velocities 1, 1.5, 1.75
    expect(await numbers(compiled, weight)).toEqual([-4.25]);
    expect(Object.keys(await compiled.read())).toHaveLength(2);
    await compiled.dispose();
  });

  test('an evaluation shares the state of a training step, which may be disposed before it', async () => {
    const weight = tf.variable(tf.scalar(1));
    const train = await compile(({ x }) => weight.assign(tf.add(weight, x) as tf.Scalar), {
      inputs: scalarInput,
    });
    const evaluate = await compile(({ x }) => tf.mul(weight, x) as tf.Scalar, {
      inputs: scalarInput,
      shareStateWith: train,
    });
    expect(await evaluate.run({ x: 10 })).toBe(10);
    await train.run({ x: 2 });
    expect(await evaluate.run({ x: 10 })).toBe(30);
    await train.dispose();
    expect(await evaluate.run({ x: 10 })).toBe(30);
    await evaluate.dispose();
  });

  test('two functions that share nothing have states of their own, though names are equal', async () => {
    const weight = tf.variable(tf.scalar(0), true, 'w');
    const add = () =>
      compile(({ x }) => weight.assign(tf.add(weight, x) as tf.Scalar), { inputs: scalarInput });
    const [first, second] = [await add(), await add()];
    await first.run({ x: 1 });
    await second.run({ x: 5 });
    expect([await numbers(first, weight), await numbers(second, weight)]).toEqual([[1], [5]]);
    await Promise.all([first.dispose(), second.dispose()]);
  });
});
