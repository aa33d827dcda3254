import * as layers from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { compile } from '@bag-of-tricks/graph';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { precisions, requireKernels } from '../../test/support/precisions.ts';
import { FLOAT, lowTypes, recordOps } from '../../test/support/record-ops.ts';
import { relativeError } from '../../test/support/relative-error.ts';
import { autocast, nativeDtype } from '../index.ts';
import { unitRoundoff } from './low-precision.ts';

const backend = useTensorFlow();
describe.each(precisions)('in $dtype, $native', (precision) => {
  const { dtype, native } = precision;
  beforeEach((context) => requireKernels(context, precision));

  test('a product is computed in low precision, looks like float32 and reads as float32', () => {
    const read = autocast(precision, () => {
      const y = tf.matMul(tf.tensor2d([[1 + 2 ** -7]]), tf.tensor2d([[1 + 2 ** -7]]));
      expect(nativeDtype(y)).toBe(dtype);
      expect(y.dtype).toBe('float32');
      return y.dataSync()[0];
    });
    // (1 + 2^-7)^2 = 1 + 2^-6 + 2^-14: the last term is lost in both types.
    expect(read).toBe(1 + 2 ** -6);
  });

  test('what fn returns or keeps is float32 when it ends, and ops take it', () => {
    let kept: tf.Tensor | undefined;
    const returned = autocast(precision, () => {
      const y = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]));
      kept = tf.keep(tf.relu(y));
      return { y, same: tf.reshape(y, [4]) };
    });
    for (const tensor of [returned.y, returned.same, kept!]) {
      expect(nativeDtype(tensor)).toBe('float32');
      const { ops, result } = recordOps(() => tf.add(tf.exp(tensor), 1).dataSync());
      expect(ops.map(({ outputs }) => outputs[0]!.dtype)).toEqual([FLOAT, FLOAT]);
      expect(result[0]).toBeCloseTo(Math.exp(3) + 1, 4);
    }
    tf.dispose([returned, kept!]);
  });

  test("batch norm's scale may be computed in low precision: it is cast to float32 there", () => {
    const run = (scale: tf.Tensor) =>
      tf.batchNorm(
        tf.conv2d(
          tf.ones<tf.Rank.R4>([1, 2, 2, 3]),
          tf.ones([1, 1, 3, 2]) as tf.Tensor4D,
          1,
          'same',
        ),
        tf.tensor1d([1, 2]),
        tf.tensor1d([1, 4]),
        tf.tensor1d([0, 1]),
        scale as tf.Tensor1D,
        0,
      );
    const y = autocast(precision, () => {
      const scale = tf.reshape(tf.matMul(tf.ones([2, 2]), tf.ones([2, 1])), [2]);
      expect(nativeDtype(scale)).toBe(dtype);
      const output = run(scale);
      expect(nativeDtype(output)).toBe(dtype);
      return output;
    });
    // (3 - 1) / 1 * 2 + 0 and (3 - 2) / 2 * 2 + 1.
    expect([...y.dataSync()].slice(0, 2)).toEqual([4, 2]);
  });

  test('a result of another kind is returned as it is', () => {
    class Result {
      readonly total = tf.matMul(tf.ones([1, 2]), tf.ones([2, 1]));
    }
    const result = autocast(precision, () => new Result());
    expect(result.total.dataSync()[0]).toBe(2);
    expect(autocast(precision, () => null)).toBeNull();
  });

  test('a variable that a low-precision tensor is assigned to is float32 when fn ends', () => {
    const variable = tf.variable(tf.zeros([2, 2]));
    autocast(precision, () => variable.assign(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]))));
    const { ops } = recordOps(() => tf.square(variable));
    expect(ops[0]!.outputs[0]!.dtype).toBe(FLOAT);
    expect([...variable.dataSync()]).toEqual([3, 3, 3, 3]);
  });

  test('a weight is cast once a call, however often it is used, and again in the next', () => {
    const weight = tf.variable(tf.eye(3) as tf.Tensor2D);
    const step = () =>
      autocast(precision, () => {
        const loss = () => {
          const twice = tf.matMul(tf.matMul(tf.ones([2, 3]), weight), weight);
          return tf.sum(tf.matMul(twice, weight)) as tf.Scalar;
        };
        return tf.variableGrads(loss, [weight]);
      });
    step();
    for (let i = 0; i < 2; i++) {
      const { ops, result } = recordOps(step);
      const casts = ops.filter(
        ({ name, outputs }) =>
          name === 'Cast' &&
          outputs[0]!.dtype === lowTypes[dtype] &&
          String(outputs[0]!.shape) === '3,3',
      );
      // Emulated, the gradients of the three uses are rounded too.
      expect(casts.length).toBe(native === 'fast' ? 1 : 4);
      expect(result.grads[weight.name]!.dtype).toBe('float32');
      expect([...result.grads[weight.name]!.dataSync()]).toEqual(new Array(9).fill(6));
    }
  });

  test('a new value of a weight within one call is cast anew', () => {
    const weight = tf.variable(tf.ones([1, 1]));
    const [first, second] = autocast(precision, () => {
      const product = () => tf.matMul(tf.ones([1, 1]), weight).dataSync()[0];
      const before = product();
      weight.assign(tf.fill([1, 1], 5));
      return [before, product()];
    });
    expect([first, second]).toEqual([1, 5]);
  });

  test('no tensor is left behind, in tfjs or in TensorFlow, also after an error', () => {
    const weight = tf.variable(tf.randomNormal([3, 3, 2, 2]) as tf.Tensor4D);
    const x = tf.randomNormal([2, 4, 4, 2]) as tf.Tensor4D;
    const loss = () => tf.mean(tf.exp(tf.relu(tf.conv2d(x, weight, 1, 'same')))) as tf.Scalar;
    const run = () => tf.dispose(autocast(precision, () => tf.variableGrads(loss)));
    const fail = () =>
      autocast(precision, () => {
        loss();
        throw new Error('on purpose');
      });
    run();
    const before = [tf.memory().numTensors, backend().nativeHandleCount()];
    run();
    expect(fail).toThrow('on purpose');
    expect([tf.memory().numTensors, backend().nativeHandleCount()]).toEqual(before);
    expect(nativeDtype(tf.matMul(tf.ones([1, 1]), tf.ones([1, 1])))).toBe('float32');
  });

  test('a compiled function equals an eager one', async () => {
    const weight = tf.variable(tf.randomNormal([3, 3, 2, 4]) as tf.Tensor4D);
    const fn = ({ x }: { x: tf.Tensor }) =>
      autocast(precision, () => tf.relu(tf.conv2d(x as tf.Tensor4D, weight, 1, 'same')));
    const x = tf.randomNormal([2, 5, 5, 2]);
    const compiled = await compile(fn, { inputs: { x: { shape: x.shape } } });
    const { values } = await compiled.run({ x });
    // Graphs fuse ops, and what falls between two values may be rounded to either.
    expect(relativeError(values, fn({ x }).dataSync())).toBeLessThan(2 * unitRoundoff[dtype]);
    await compiled.dispose();
  });

  test('a layers model runs in it, forward and backward, close to float32', () => {
    const model = layers.sequential({
      layers: [
        layers.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3] }),
        layers.layers.batchNormalization(),
        layers.layers.reLU(),
        layers.layers.maxPooling2d({ poolSize: 2 }),
        layers.layers.flatten(),
        layers.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    const x = tf.randomNormal([4, 8, 8, 3]);
    const loss = () =>
      tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar;
    const step = () => tf.variableGrads(loss);
    const expected = step();
    const { ops, result } = recordOps(() => autocast(precision, step));
    const convolutions = ops.filter(({ name }) => name === 'Conv2D');
    const type = native === 'fast' ? lowTypes[dtype] : FLOAT;
    expect(convolutions.map(({ outputs }) => outputs[0]!.dtype)).toEqual([type]);
    expect(relativeError(result.value.dataSync(), expected.value.dataSync())).toBeLessThan(0.02);
    const predict = () => (model.predict(x) as tf.Tensor).dataSync();
    const inLow = autocast(precision, predict);
    expect(relativeError(inLow, predict())).toBeLessThan(0.05);
  });

  test('differentiated from outside of it, the backward pass is float32 and right', () => {
    const weight = tf.variable(tf.ones([2, 2]) as tf.Tensor2D);
    const { grads } = tf.variableGrads(
      () =>
        tf.sum(
          autocast(precision, () => tf.square(tf.relu(tf.matMul(tf.ones([3, 2]), weight)))),
        ) as tf.Scalar,
    );
    expect([...grads[weight.name]!.dataSync()]).toEqual([12, 12, 12, 12]);
  });
});

describe('errors', () => {
  test('another dtype is named', () => {
    const call = () => autocast({ dtype: 'float32' as 'float16' }, () => {});
    expect(call).toThrow(/autocast: expected dtype to be 'float16' or 'bfloat16', got "float32"/);
  });

  test('a backend that computes in float32 only is refused', async () => {
    await tf.setBackend('cpu');
    const call = () => autocast({ dtype: 'bfloat16' }, () => tf.ones([1]));
    expect(call).toThrow(/expected the backend 'tensorflow', got 'cpu', which computes in float32/);
    await tf.setBackend('tensorflow');
  });

  test('a promise is refused', () => {
    const call = () => autocast({ dtype: 'bfloat16' }, async () => {});
    expect(call).toThrow(/expected fn to be synchronous, got a promise/);
  });

  test('another way to compute is named', () => {
    const call = () => autocast({ dtype: 'bfloat16', native: 'slow' as 'fast' }, () => {});
    expect(call).toThrow(/autocast: expected native to be 'fast' or 'emulated', got "slow"/);
  });

  test('calls nest with the same dtype only, computed in the same way', () => {
    const nested = (dtype: 'float16' | 'bfloat16', native?: 'fast') => () =>
      autocast({ dtype: 'float16', native: 'emulated' }, () =>
        autocast({ dtype, ...(native && { native }) }, () =>
          nativeDtype(tf.matMul(tf.ones([1, 1]), tf.ones([1, 1]))),
        ),
      );
    expect(nested('float16')()).toBe('float16');
    expect(nested('bfloat16')).toThrow(
      /expected dtype 'float16', emulated, of the call around it, got 'bfloat16'. /,
    );
    expect(nested('float16', 'fast')).toThrow(/, got 'float16', fast\. /);
  });

  test('nativeDtype of a disposed tensor is an error', () => {
    const tensor = tf.ones([1]);
    tensor.dispose();
    expect(() => nativeDtype(tensor)).toThrow(/expected a live tensor/);
  });
});
