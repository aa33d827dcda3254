import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { compile, type TensorValue } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

describe('inputs and outputs', () => {
  test('a scalar comes as a number, anything else as shape, type and values', async () => {
    const compiled = await compile(
      ({ x }) => ({ sum: tf.sum(x).asScalar(), twice: tf.mul(x, 2), large: tf.greater(x, 2) }),
      { inputs: { x: { shape: [2, 2] } } },
    );
    expect(await compiled.run({ x: Float32Array.of(1, 2, 3, 4) })).toEqual({
      sum: 10,
      twice: { shape: [2, 2], dtype: 'float32', values: Float32Array.of(2, 4, 6, 8) },
      large: { shape: [2, 2], dtype: 'bool', values: Uint8Array.of(0, 0, 1, 1) },
    });
    await compiled.dispose();
  });

  test('a single tensor comes by itself, and nothing as undefined', async () => {
    const inputs = { x: { shape: [] } } as const;
    const single = await compile(({ x }) => tf.square(x), { inputs });
    expect(await single.run({ x: 3 })).toBe(9);
    const total = tf.variable(tf.scalar(0));
    const nothing = await compile(({ x }) => total.assign(tf.add(total, x).asScalar()), { inputs });
    expect(await nothing.run({ x: 3 })).toBeUndefined();
    expectTypeOf(single.run).returns.resolves.toEqualTypeOf<number>();
    expectTypeOf(nothing.run).returns.resolves.toEqualTypeOf<undefined>();
    await Promise.all([single.dispose(), nothing.dispose()]);
  });

  test('types tell scalars from the rest, and name the inputs', async () => {
    const compiled = await compile(
      ({ x, y }) => {
        expectTypeOf(x).toEqualTypeOf<tf.Tensor<tf.Rank.R2>>();
        return { scalar: tf.sum(y) as tf.Scalar, matrix: x, any: x as tf.Tensor };
      },
      { inputs: { x: { shape: [1, 2] }, y: { shape: [3], dtype: 'int32' } } },
    );
    const result = await compiled.run({ x: [1, 2], y: [1, 2, 3] });
    expectTypeOf(result.scalar).toEqualTypeOf<number>();
    expectTypeOf(result.matrix).toEqualTypeOf<TensorValue>();
    expectTypeOf(result.any).toEqualTypeOf<number | TensorValue>();
    expect(result.scalar).toBe(6);
    await compiled.dispose();
  });

  test.each([
    ['float32', Float32Array.of(-1.5, 2), [-1.5, 2]],
    ['int32', Int32Array.of(-7, 2 ** 24 + 1), [-7, 2 ** 24 + 1]],
    ['uint8', Uint8Array.of(0, 255), [0, 255]],
    ['bool', Uint8Array.of(1, 0), [1, 0]],
  ] as const)('an input of %s comes in as it is', async (dtype, values, expected) => {
    const compiled = await compile(({ x }) => ({ same: x, asFloat: tf.cast(x, 'float32') }), {
      inputs: { x: { shape: [2], dtype } },
    });
    const { same, asFloat } = await compiled.run({ x: values });
    expect(Array.from(same.values)).toEqual(expected);
    expect(same.dtype).toBe(dtype === 'uint8' ? 'int32' : dtype);
    expect(Array.from(asFloat.values)).toEqual(expected.map(Math.fround));
    await compiled.dispose();
  });

  test('tensors, arrays, numbers and booleans are taken', async () => {
    const sum = await compile(
      ({ a, b, c, d }) =>
        tf.add(tf.add(a, tf.cast(b, 'float32')), tf.add(tf.cast(c, 'float32'), d)),
      {
        inputs: {
          a: { shape: [2] },
          b: { shape: [], dtype: 'bool' },
          c: { shape: [2], dtype: 'uint8' },
          d: { shape: [] },
        },
      },
    );
    const a = tf.tensor1d([10, 20]);
    const c = tf.tensor1d([1, 2], 'int32');
    const first = (await sum.run({ a, b: true, c, d: 0.5 })) as TensorValue;
    expect(Array.from(first.values)).toEqual([12.5, 23.5]);
    const second = (await sum.run({ a: [1, 2], b: false, c: [3, 4], d: 0 })) as TensorValue;
    expect(Array.from(second.values)).toEqual([4, 6]);
    await sum.dispose();
  });

  test('an input or a variable may be returned as it is', async () => {
    const weight = tf.variable(tf.tensor1d([5, 6]));
    const compiled = await compile(({ x }) => ({ x, weight: weight as tf.Tensor1D }), {
      inputs: { x: { shape: [1] } },
    });
    const { x, weight: value } = await compiled.run({ x: [4] });
    expect([Array.from(x.values), Array.from(value.values)]).toEqual([[4], [5, 6]]);
    await compiled.dispose();
  });
});

describe('constants', () => {
  test('a captured tensor is one constant for all sizes of the inputs', async () => {
    const captured = tf.range(0, 100);
    const compiled = await compile(({ x }) => tf.add(x, captured) as tf.Tensor2D, {
      inputs: { x: { shape: [null, 1] } },
    });
    for (const rows of [1, 2, 3]) {
      const { values } = await compiled.run({
        x: { shape: [rows, 1], values: Array(rows).fill(1) },
      });
      expect(values.at(-1)).toBe(100);
    }
    const [first, ...others] = compiled.traces.map(({ nodeCount }) => nodeCount);
    expect(others).toEqual(Array(2).fill(first! - 1));
    await compiled.dispose();
  });

  test('a captured tensor has the values of the time of compiling, also before it was uploaded', async () => {
    const fresh = tf.tensor1d([1, 2]);
    const computed = tf.add(fresh, 1);
    const compiled = await compile(({ x }) => tf.add(tf.mul(x, fresh), computed) as tf.Tensor1D, {
      inputs: { x: { shape: [2] } },
    });
    expect(Array.from((await compiled.run({ x: [10, 10] })).values)).toEqual([12, 23]);
    expect(Array.from(fresh.dataSync())).toEqual([1, 2]);
    expect(Array.from(tf.mul(fresh, computed).dataSync())).toEqual([2, 6]);
    await compiled.dispose();
  });

  test('a large constant of one value is no constant but a fill', async () => {
    const compiled = await compile(
      ({ x }) => tf.sum(tf.mul(tf.ones([1024, 1024]), x)) as tf.Scalar,
      {
        inputs: { x: { shape: [] } },
      },
    );
    expect(await compiled.run({ x: 2 })).toBe(2 ** 21);
    expect((await compiled.graphDef()).byteLength).toBeLessThan(5000);
    await compiled.dispose();
  });

  test('minus zero and NaN are kept', async () => {
    const values = new Float32Array(100).fill(-0);
    const nan = new Float32Array(100).fill(Number.NaN);
    const mixed = Float32Array.from(values, (_, i) => (i === 50 ? 0 : -0));
    const compiled = await compile(
      ({ x }) => ({
        minus: tf.div(x, tf.tensor1d(values)) as tf.Tensor1D,
        mixed: tf.div(x, tf.tensor1d(mixed)) as tf.Tensor1D,
        nan: tf.tensor1d(nan),
      }),
      { inputs: { x: { shape: [] } } },
    );
    const result = await compiled.run({ x: 1 });
    expect(new Set(result.minus.values)).toEqual(new Set([Number.NEGATIVE_INFINITY]));
    expect(result.mixed.values[50]).toBe(Number.POSITIVE_INFINITY);
    expect(result.nan.values.every(Number.isNaN)).toBe(true);
    await compiled.dispose();
  });
});

describe('tracing', () => {
  test('leaves no tensor behind and the variables as they were', async () => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const captured = tf.tensor1d([3, 4]);
    const before = tf.memory();
    const compiled = await compile(
      ({ x }) => {
        const { value, grads } = tf.variableGrads(
          () => tf.sum(tf.mul(tf.mul(weight, captured), x)) as tf.Scalar,
        );
        weight.assign(tf.sub(weight, grads[weight.name]!));
        return { value };
      },
      { inputs: { x: { shape: [2] } } },
    );
    await compiled.run({ x: [1, 1] });
    expect(tf.memory()).toEqual(before);
    expect(Array.from(weight.dataSync())).toEqual([1, 2]);
    await compiled.dispose();
    expect(tf.memory()).toEqual(before);
  });

  test('is told: shapes, nodes and time', async () => {
    const compiled = await compile(({ x }) => tf.square(x), { inputs: { x: { shape: [3] } } });
    expect(compiled.traces).toEqual([
      { shapes: { x: [3] }, nodeCount: 3, milliseconds: expect.any(Number) },
    ]);
    await compiled.dispose();
  });

  test('is made ahead of the first run by prepare, and once', async () => {
    const compiled = await compile(({ x }) => tf.square(x), { inputs: { x: { shape: [null] } } });
    await compiled.prepare({ x: [3] });
    await compiled.run({ x: [1, 2, 3] });
    expect(compiled.traces.map(({ shapes }) => shapes)).toEqual([{ x: [3] }]);
    await expect(compiled.prepare({})).rejects.toThrow(
      "prepare: expected a shape for each input, got none for 'x'",
    );
    await compiled.dispose();
  });

  test('tensors that fn disposes are disposed once, those of before too', async () => {
    const old = tf.tensor1d([7]);
    const uploaded = tf.tensor1d([1]);
    tf.square(uploaded);
    const handles = tf.memory().numTensors;
    const compiled = await compile(
      ({ x }) => {
        const sum = tf.add(tf.add(x, old), uploaded);
        old.dispose();
        uploaded.dispose();
        return sum as tf.Tensor1D;
      },
      { inputs: { x: { shape: [1] } } },
    );
    expect(Array.from((await compiled.run({ x: [1] })).values)).toEqual([9]);
    expect(tf.memory().numTensors).toBe(handles - 2);
    await compiled.dispose();
  });

  test('a scalar that fn keeps has its value afterwards', async () => {
    let kept: tf.Scalar | undefined;
    const compiled = await compile(
      ({ x }) => {
        kept ??= tf.keep(tf.scalar(3));
        return tf.mul(x, kept) as tf.Scalar;
      },
      { inputs: { x: { shape: [] } } },
    );
    expect(await compiled.run({ x: 5 })).toBe(15);
    expect(kept!.dataSync()[0]).toBe(3);
    expect(tf.square(kept!).dataSync()[0]).toBe(9);
    await compiled.dispose();
  });
});
