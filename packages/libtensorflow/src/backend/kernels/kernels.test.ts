import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectClose, normal, ours, reference } from '../../../test/support/reference.ts';

const seeds = fc.integer({ min: 1, max: 1e6 });
const runs = { numRuns: 15 };
const epsilon = 1e-5;

const run = (name: string, inputs: tf.NamedTensorMap, attrs?: tf.NamedAttrMap) =>
  tf.engine().runKernel(name, inputs, attrs) as tf.Tensor[];

describe('FusedBatchNormV3', () => {
  const shapes = fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 2, max: 5 }),
    fc.integer({ min: 2, max: 5 }),
    fc.integer({ min: 1, max: 4 }),
  );
  const fused = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
    run('FusedBatchNormV3', { x, scale, offset }, { epsilon, training: true });
  /** The definition, in tfjs's own ops. */
  const composed = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const count = x.size / x.shape[3]!;
    const normalised = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
    const y = tf.add(tf.mul(normalised, scale), offset);
    return [y, mean, tf.mul(variance, count / (count - 1))];
  };
  const inputs = (shape: number[], seed: number) => {
    const channels = shape.slice(3);
    return [normal(shape, seed), normal(channels, seed + 1), normal(channels, seed + 2)] as const;
  };

  test('output, mean and unbiased variance are those of the definition', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, async (shape, seed) => {
        const expected = await reference(() => composed(...inputs(shape, seed)));
        const outputs = await ours(() => fused(...inputs(shape, seed)).slice(0, 3));
        expectClose(outputs, expected, 1e-4);
      }),
      runs,
    );
  });

  test('the gradients by input, scale and offset are those of the definition', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, async (shape, seed) => {
        const gradients = (batchNorm: typeof fused) => () => {
          const loss = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
            tf.mul(batchNorm(x, scale, offset)[0]!, normal(shape, seed + 3));
          return tf.grads(loss)([...inputs(shape, seed)]);
        };
        expectClose(await ours(gradients(fused)), await reference(gradients(composed)), 2e-4);
      }),
      runs,
    );
  });

  test('the gradient by input is that of finite differences', async () => {
    const shape = [2, 2, 2, 1];
    const [errors] = await ours(() => {
      const [x, scale, offset] = inputs(shape, 7);
      const weights = normal(shape, 8);
      const loss = (input: tf.Tensor) =>
        tf.sum(tf.mul(fused(input, scale, offset)[0]!, weights)) as tf.Scalar;
      const h = 1e-2;
      const differences = Array.from({ length: x.size }, (_, i) => {
        const step = tf.reshape(tf.mul(tf.oneHot(tf.scalar(i, 'int32'), x.size), h), shape);
        const [up, down] = [tf.add(x, step), tf.sub(x, step)].map((y) => loss(y).dataSync()[0]!);
        return (up! - down!) / (2 * h);
      });
      return tf.sub(tf.reshape(tf.grad(loss)(x), [-1]), differences);
    });
    for (const error of errors!) expect(Math.abs(error)).toBeLessThan(1e-2);
  });

  test('anything but training is an error that names the way', async () => {
    const call = () => {
      const [x, scale, offset] = inputs([1, 2, 2, 1], 1);
      return run('FusedBatchNormV3', { x, scale, offset }, { epsilon, training: false });
    };
    await expect(ours(call)).rejects.toThrow(/expected training: true.*tf.batchNorm/);
  });
});

describe('SoftmaxCrossEntropyWithLogits', () => {
  const fused = (logits: tf.Tensor, labels: tf.Tensor) =>
    run('SoftmaxCrossEntropyWithLogits', { logits, labels })[0]!;
  const composed = (logits: tf.Tensor, labels: tf.Tensor) =>
    tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1));
  const shapes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }));

  test('loss and gradient by the logits are those of the definition, for soft labels', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, async (shape, seed) => {
        const lossAndGradient = (loss: typeof fused) => () => {
          const labels = tf.softmax(normal(shape, seed));
          const weights = normal(shape.slice(0, 1), seed + 1);
          const weighted = (logits: tf.Tensor) => tf.mul(loss(logits, labels), weights);
          const logits = tf.mul(normal(shape, seed + 2), 5);
          return [loss(logits, labels), tf.grad(weighted)(logits)];
        };
        const expected = await reference(lossAndGradient(composed));
        expectClose(await ours(lossAndGradient(fused)), expected, 1e-5);
      }),
      runs,
    );
  });

  test('large logits give a finite loss', async () => {
    const loss = () => fused(tf.tensor2d([[1e4, -1e4]]), tf.tensor2d([[0, 1]]));
    expect(await ours(loss)).toEqual([[2e4]]);
  });

  test('a gradient by the labels is an error that says so', async () => {
    const gradient = () => tf.grad((labels) => fused(tf.ones([1, 2]), labels))(tf.ones([1, 2]));
    await expect(ours(gradient)).rejects.toThrow('the labels have no gradient');
  });
});

describe('Conv2DBackpropFilter', () => {
  const sizes = fc.integer({ min: 1, max: 4 });

  test('is that of the reference for kernels, strides and paddings of every kind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          image: fc.tuple(sizes, sizes, sizes, sizes),
          outputs: sizes,
          kernel: fc.constantFrom(1, 3),
          stride: fc.constantFrom(1, 2),
          pad: fc.constantFrom('same' as const, 'valid' as const),
          seed: seeds,
        }),
        async ({ image, outputs, kernel, stride, pad, seed }) => {
          fc.pre(pad === 'same' || Math.min(image[1], image[2]) >= kernel);
          const gradient = () => {
            const x = normal(image, seed) as tf.Tensor4D;
            const filter = normal([kernel, kernel, image[3], outputs], seed + 1) as tf.Tensor4D;
            const convolve = (w: tf.Tensor) => tf.conv2d(x, w as tf.Tensor4D, stride, pad);
            const weights = normal(convolve(filter).shape, seed + 2);
            return tf.grad((w) => tf.mul(convolve(w), weights))(filter);
          };
          expectClose(await ours(gradient), await reference(gradient), 1e-4);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of a 1x1 convolution leaves one tensor behind', async () => {
    await ours(() => {
      const x = normal([2, 3, 3, 4], 1) as tf.Tensor4D;
      const w = normal([1, 1, 4, 5], 2) as tf.Tensor4D;
      const before = tf.memory().numTensors;
      const gradient = tf.grad((v) => tf.conv2d(x, v as tf.Tensor4D, 1, 'same'))(w);
      expect(gradient.shape).toEqual([1, 1, 4, 5]);
      expect(tf.memory().numTensors).toBe(before + 1);
      return gradient;
    });
  });
});

describe('Cast', () => {
  test('to its own type shares the tensor without an op, and each can be disposed alone', async () => {
    const values = await ours(() => {
      const x = tf.tensor1d([1, 2]);
      const same = tf.cast(x, 'float32');
      x.dispose();
      return same;
    });
    expect(values).toEqual([[1, 2]]);
  });

  test('to another type converts', async () => {
    expect(await ours(() => tf.cast(tf.tensor1d([1.7, -1.7]), 'int32'))).toEqual([[1, -1]]);
  });
});
