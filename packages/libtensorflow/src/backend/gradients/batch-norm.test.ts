import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordOps } from '../../../test/support/record-ops.ts';
import {
  type Computation,
  expectClose,
  normal,
  ours,
  reference,
} from '../../../test/support/reference.ts';
import { registerTensorFlowBackend } from '../register.ts';

/** On our backend, and on `cpu` with our gradients, as with tfjs's own on `cpu`. */
async function expectReference(compute: Computation): Promise<void> {
  const expected = await reference(compute);
  expectClose(await ours(compute), expected);
  expectClose(await ours(compute, 'cpu'), expected);
}

/** From 2 dimensions, with enough values a channel for a variance that is not close to 0. */
const shapes = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    fc.integer({ min: 8, max: 12 }),
    fc.integer({ min: 1, max: 8 }),
  )
  .map(([front, rows, channels]) => [...front, rows, channels]);
const seeds = fc.integer({ min: 1, max: 1e6 });
const runs = { numRuns: 25 };
const epsilon = 1e-3;

const vectors = (shape: number[], seed: number) =>
  [1, 2].map((index) => normal(shape.slice(-1), seed + index)) as [tf.Tensor, tf.Tensor];
const allButLast = (x: tf.Tensor) => x.shape.slice(1).map((_, axis) => axis);
const normalize = (x: tf.Tensor, [mean, variance, offset, scale]: readonly tf.Tensor[]) =>
  tf.batchNorm(
    x,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    offset as tf.Tensor1D,
    scale as tf.Tensor1D,
    epsilon,
  );

/** As tf.layers computes it in training. */
function inTraining(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  center = (y: tf.Tensor) => y,
) {
  const { mean, variance } = tf.moments(center(x), allButLast(x));
  return { y: normalize(x, [mean, variance, offset, scale]), mean, variance };
}

/** A batch, a scale and an offset. */
const inputs = (shape: number[], seed: number) => [normal(shape, seed), ...vectors(shape, seed)];

describe('where mean and variance are those of the batch', () => {
  test('values and gradients are those of tfjs for random shapes', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, async (shape, seed) => {
        await expectReference(() => {
          const weighted = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
            tf.mul(inTraining(x, scale, offset).y, normal(shape, seed + 9));
          const { value, grads } = tf.valueAndGrads(weighted)(inputs(shape, seed));
          return [value, ...grads];
        });
      }),
      runs,
    );
  });

  test('a loss that reads the mean and the variance too has all of its gradient', async () => {
    await expectReference(() => {
      const shape = [2, 9, 3];
      const loss = (...tensors: tf.Tensor[]) => {
        const { y, mean, variance } = inTraining(...(tensors as [tf.Tensor, tf.Tensor, tf.Tensor]));
        const read = tf.add(tf.square(mean), tf.mul(variance, mean));
        return tf.add(tf.sum(tf.mul(y, normal(shape, 8))), tf.sum(read));
      };
      return tf.grads(loss)(inputs(shape, 5));
    });
  });

  test('nothing flows back through the moments', async () => {
    const { binding } = await registerTensorFlowBackend();
    const [x, ...parameters] = inputs([4, 6, 6, 3], 1);
    const run = () => {
      const loss = (...tensors: tf.Tensor[]) =>
        tf.relu6(inTraining(...(tensors as [tf.Tensor, tf.Tensor, tf.Tensor])).y);
      return tf.tidy(() => void tf.grads(loss)([x!, ...parameters]));
    };
    run();
    const before = tf.memory().numTensors;
    const ops = recordOps(binding, run);
    expect(tf.memory().numTensors).toBe(before);
    const backward = ops.slice(ops.indexOf('Relu6') + 1);
    expect(backward).toEqual(['Relu6Grad', 'Reshape', 'FusedBatchNormGradV3']);
  });
});

describe('where they are not', () => {
  test('moments from outside of what is differentiated are constants, each with a gradient of its own', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, async (shape, seed) => {
        await expectReference(() => {
          const [x, scale, offset] = inputs(shape, seed) as [tf.Tensor, tf.Tensor, tf.Tensor];
          const { mean, variance } = tf.moments(x, allButLast(x));
          const weighted = (...[input, ...statistics]: tf.Tensor[]) =>
            tf.mul(normalize(input!, statistics), normal(shape, seed + 9));
          return tf.grads(weighted)([x, mean, variance, offset, scale]);
        });
      }),
      runs,
    );
  });

  test.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['of another tensor', (x) => tf.mul(x, 2)],
    ['of the batch in reverse', (x) => tf.reverse(x, 0)],
  ])('moments %s are differentiated as such', async (_, center) => {
    await expectReference(() => {
      const shape = [12, 3];
      const weighted = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
        tf.mul(inTraining(x, scale, offset, center).y, normal(shape, 8));
      return tf.grads(weighted)(inputs(shape, 5));
    });
  });

  test('a mean over other axes that has the same shape is not mistaken', async () => {
    await expectReference(() => {
      const shape = [5, 5, 5, 5];
      const weighted = (x: tf.Tensor) => {
        const { mean, variance } = tf.moments(x, [1, 2, 3]);
        return tf.mul(normalize(x, [mean, variance, ...vectors(shape, 3)]), normal(shape, 8));
      };
      return tf.grad(weighted)(normal(shape, 5));
    });
  });

  test('a batch norm without scale and offset has a gradient, where tfjs fails', async () => {
    const gradient = (scale: tf.Tensor[]) => () => {
      const [mean, variance] = [normal([3], 1), tf.abs(normal([3], 2))];
      const weighted = (x: tf.Tensor) =>
        tf.mul(normalize(x, [mean, variance, ...scale]), normal([7, 3], 8));
      return tf.grad(weighted)(normal([7, 3], 5));
    };
    expectClose(
      await ours(gradient([])),
      await ours(() => gradient([tf.zeros([3]), tf.ones([3])])()),
    );
  });

  test('a mean with an axis of its own is summed to its shape, where tfjs fails', async () => {
    const shape = [2, 3, 4, 4];
    const gradients = (isFused: boolean) => () => {
      const weighted = (...[x, mean, variance, offset, scale]: tf.Tensor[]) => {
        const y = isFused
          ? normalize(x!, [mean!, variance!, offset!, scale!])
          : tf.add(
              tf.mul(tf.mul(tf.sub(x!, mean!), tf.rsqrt(tf.add(variance!, epsilon))), scale!),
              offset!,
            );
        return tf.mul(y, normal(shape, 8));
      };
      const statistics = [1, 2, 3, 4].map((seed) => tf.abs(normal([1, 3, 1, 1], seed)));
      return tf.grads(weighted)([normal(shape, 5), ...statistics]);
    };
    expectClose(await ours(gradients(true)), await reference(gradients(false)));
  });
});

test('the gradient has a gradient, as in tfjs', async () => {
  await expectReference(() => {
    const shape = [9, 2];
    const first = (x: tf.Tensor) =>
      tf.grad((input) => {
        const { y } = inTraining(input, tf.ones([2]), tf.zeros([2]));
        return tf.mul(tf.square(tf.relu(y)), normal(shape, 4));
      })(x);
    return tf.grad(first)(normal(shape, 1));
  });
});
