import { readFile } from 'node:fs/promises';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createTensor } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { compile, type TensorValue } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

/** Multiplies a matrix by itself often enough to take a while. */
const slowFunction = ({ x }: { x: tf.Tensor }) => {
  let y = x as tf.Tensor2D;
  for (let i = 0; i < 20; i++) y = tf.matMul(y, tf.mul(x, 1e-3) as tf.Tensor2D);
  return tf.mean(y) as tf.Scalar;
};

describe('run', () => {
  test('leaves JavaScript’s thread free: timers fire and files are read while the graph runs', async () => {
    const compiled = await compile(slowFunction, { inputs: { x: { shape: [1024, 1024] } } });
    const x = new Float32Array(2 ** 20).fill(1);
    await compiled.run({ x });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const start = performance.now();
    const run = compiled.run({ x }).then(() => performance.now());
    const file = readFile(new URL(import.meta.url)).then(() => performance.now());
    // The call itself only hands the work over.
    const handedOver = performance.now() - start;
    const end = await run;
    const total = end - start;
    clearInterval(timer);
    // A loader works meanwhile.
    expect(await file).toBeLessThan(end);
    expect(total).toBeGreaterThan(100);
    expect(handedOver).toBeLessThan(total / 4);
    expect(ticks).toBeGreaterThan(10);
    await compiled.dispose();
  });

  test('a second call waits for the first, in the order of the calls', async () => {
    const log = tf.variable(tf.scalar(0));
    const compiled = await compile(
      ({ x }) => {
        log.assign(tf.add(tf.mul(log, 10), x) as tf.Scalar);
        return log as tf.Scalar;
      },
      { inputs: { x: { shape: [] } } },
    );
    const runs = [1, 2, 3, 4, 5].map((x) => compiled.run({ x }));
    const state = compiled.read();
    const last = compiled.run({ x: 6 });
    expect(await Promise.all(runs)).toEqual([1, 12, 123, 1234, 12345]);
    expect(Object.values(await state)[0]!.values[0]).toBe(12345);
    expect(await last).toBe(123456);
    await compiled.dispose();
  });

  test('without variables a short call is over before a long one that was begun earlier', async () => {
    const compiled = await compile(slowFunction, { inputs: { x: { shape: [null, null] } } });
    const runs = [1024, 2].map((size) => ({
      values: new Float32Array(size * size).fill(1),
      shape: [size, size],
    }));
    for (const x of runs) await compiled.run({ x });
    const ended: number[] = [];
    const both = runs.map(async (x) => {
      await compiled.run({ x });
      ended.push(x.shape[0]!);
    });
    await Promise.all(both);
    expect(ended).toEqual([2, 1024]);
    await compiled.dispose();
  });

  test('inputs are taken when run is called: the caller may fill its arrays anew at once', async () => {
    const compiled = await compile(({ x }) => tf.sum(x) as tf.Scalar, {
      inputs: { x: { shape: [1000] } },
    });
    const x = new Float32Array(1000);
    const runs: Promise<number>[] = [];
    for (let value = 1; value <= 5; value++) {
      x.fill(value);
      runs.push(compiled.run({ x }));
    }
    const tensor = tf.fill([1000], 7);
    runs.push(compiled.run({ x: tensor }));
    tensor.dispose();
    expect(await Promise.all(runs)).toEqual([1000, 2000, 3000, 4000, 5000, 7000]);
    await compiled.dispose();
  });

  test('eager operations work meanwhile', async () => {
    const compiled = await compile(slowFunction, { inputs: { x: { shape: [512, 512] } } });
    const run = compiled.run({ x: new Float32Array(2 ** 18).fill(1) });
    expect(tf.sum(tf.ones([100])).dataSync()[0]).toBe(100);
    expect(await run).toBeGreaterThan(0);
    await compiled.dispose();
  });

  test('an error of TensorFlow rejects the run, and the next one goes on', async () => {
    const total = tf.variable(tf.scalar(0));
    const compiled = await compile(
      ({ index }) => {
        total.assign(tf.add(total, 1) as tf.Scalar);
        return tf.gather(tf.tensor1d([1, 2, 3]), index) as tf.Tensor1D;
      },
      { inputs: { index: { shape: [1], dtype: 'int32' } } },
    );
    await expect(compiled.run({ index: [7] })).rejects.toThrow(
      /indices\[0\] = 7 is not in \[0, 3\)/,
    );
    expect(Array.from((await compiled.run({ index: [2] })).values)).toEqual([3]);
    await compiled.dispose();
  });

  test('a native tensor is fed as it is and stays the caller’s', async () => {
    const { api } = await registerTensorFlowBackend();
    const tensor = createTensor(api, 4, [2, 2], Uint8Array.of(1, 2, 3, 255));
    const compiled = await compile(({ x }) => tf.sum(x) as tf.Scalar, {
      inputs: { x: { shape: [null, 2], dtype: 'uint8' } },
    });
    for (let run = 0; run < 3; run++) expect(await compiled.run({ x: { tensor } })).toBe(261);
    const wrong = createTensor(api, 1, [1, 2], [1, 2]);
    await expect(compiled.run({ x: { tensor: wrong } })).rejects.toThrow(
      /input 'x' to be uint8, got a native tensor of TF_DataType 1/,
    );
    api.TF_DeleteTensor(tensor);
    api.TF_DeleteTensor(wrong);
    await compiled.dispose();
  });

  test('outputs of the same values at every run of equal inputs: nothing is baked in from a run', async () => {
    const compiled = await compile(({ x }) => tf.softmax(x as tf.Tensor2D) as tf.Tensor2D, {
      inputs: { x: { shape: [2, 3] } },
    });
    const x = [1, 2, 3, -1, 0, 1];
    const first = await compiled.run({ x });
    await compiled.run({ x: [0, 0, 0, 0, 0, 0] });
    expect(await compiled.run({ x })).toEqual(first);
    await compiled.dispose();
  });
});

describe('wrong inputs', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'missing',
      { x: [1, 2] },
      /run: expected the inputs 'x', 'lr', got 'x'. Missing: 'lr'; unknown: none/,
    ],
    ['unknown', { x: [1, 2], lr: 1, y: 1 }, /unknown: 'y'/],
    ['of another length', { x: [1, 2, 3], lr: 1 }, /'x' of shape \[2\], got 3 values/],
    [
      'of another rank',
      { x: () => tf.ones([2, 1]), lr: 1 },
      /'x' of shape \[2\], got shape \[2,1\].* declared as null/,
    ],
    [
      'of another type',
      { x: () => tf.ones([2], 'int32'), lr: 1 },
      /'x' to be float32, got a tensor of int32/,
    ],
    [
      'of another array type',
      { x: Int32Array.of(1, 2), lr: 1 },
      /'x' to be float32, got Int32Array/,
    ],
    ['of doubles', { x: Float64Array.of(1, 2), lr: 1 }, /'x' to be float32, got Float64Array/],
    ['a string', { x: 'ab', lr: 1 }, /'x' to be float32, got String/],
    ['null', { x: null, lr: 1 }, /'x' to be float32, got null/],
    ['not numbers', { x: [1, 'b'], lr: 1 }, /'x' to be float32, got an array with string/],
  ])(
    'an input that is %s is an error that names it, and the next run goes on',
    async (_, wrong, message) => {
      const compiled = await compile(({ x, lr }) => tf.sum(tf.mul(x, lr)) as tf.Scalar, {
        inputs: { x: { shape: [2] }, lr: { shape: [] } },
      });
      const inputs = Object.fromEntries(
        Object.entries(wrong).map(([name, value]) => [
          name,
          value instanceof Function ? value() : value,
        ]),
      );
      const before = tf.memory().numTensors;
      await expect(compiled.run(inputs as never)).rejects.toThrow(message);
      expect(tf.memory().numTensors).toBe(before);
      expect(await compiled.run({ x: [1, 2], lr: 2 })).toBe(6);
      await compiled.dispose();
    },
  );

  test.each<[string, 'int32' | 'uint8' | 'bool', unknown, RegExp]>([
    [
      'a fraction',
      'int32',
      [1, 1.5],
      /whole numbers from -2147483648 to 2147483647 \(int32\), got 1\.5/,
    ],
    ['NaN', 'int32', [1, Number.NaN], /got NaN/],
    ['too large', 'uint8', [1, 256], /from 0 to 255 \(uint8\), got 256/],
    ['negative, in a tensor', 'uint8', () => tf.tensor1d([1, -1], 'int32'), /got -1/],
    ['two', 'bool', [1, 2], /from 0 to 1 \(bool\), got 2/],
  ])('an element that is %s is refused for %s', async (_, dtype, value, message) => {
    const compiled = await compile(({ x }) => tf.sum(tf.cast(x, 'int32')) as tf.Scalar, {
      inputs: { x: { shape: [2], dtype } },
    });
    const x = (value instanceof Function ? value() : value) as number[];
    await expect(compiled.run({ x })).rejects.toThrow(message);
    expect(await compiled.run({ x: [true, false] })).toBe(1);
    await compiled.dispose();
  });

  test('an open size is found from the number of values, if it is the only one', async () => {
    const compiled = await compile(({ x, y }) => ({ x, y: tf.sum(y) as tf.Scalar }), {
      inputs: { x: { shape: [null, 3] }, y: { shape: [null, null] } },
    });
    const y = tf.ones([2, 5]);
    const { x } = await compiled.run({ x: [1, 2, 3, 4, 5, 6], y });
    expect((x as TensorValue).shape).toEqual([2, 3]);
    await expect(compiled.run({ x: [1, 2], y })).rejects.toThrow(
      /'x' of shape \[any,3\], got 2 values/,
    );
    await expect(compiled.run({ x: [1, 2, 3], y: [1, 2] })).rejects.toThrow(/pass a tensor/);
    await compiled.dispose();
  });

  test.each<[object, RegExp]>([
    [{ x: { shape: [1.5] } }, /shape of input 'x' to hold whole numbers/],
    [{ x: { shape: [-1] } }, /or null for a size that varies, got \[-1\]/],
    [
      { x: { shape: [1], dtype: 'float16' } },
      /dtype of input 'x' to be float32, int32, uint8, bool, got float16/,
    ],
  ])('a wrong declaration %j is refused', async (inputs, message) => {
    await expect(compile(() => tf.scalar(1), { inputs: inputs as never })).rejects.toThrow(message);
  });
});

describe('dispose', () => {
  test('waits for the runs before it, may be called twice, and then every call says so', async () => {
    const compiled = await compile(({ x }) => tf.square(x) as tf.Scalar, {
      inputs: { x: { shape: [] } },
    });
    const run = compiled.run({ x: 4 });
    await Promise.all([compiled.dispose(), compiled.dispose()]);
    expect(await run).toBe(16);
    await expect(compiled.run({ x: 1 })).rejects.toThrow(
      'run: this compiled function was disposed',
    );
    await expect(compiled.read()).rejects.toThrow('read: this compiled function was disposed');
  });
});
