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

/** Compares a gradient on our backend, and on `cpu` with our gradients, with tfjs's own on `cpu`. */
async function expectReferenceGradient(compute: Computation): Promise<void> {
  const expected = await reference(compute);
  expectClose(await ours(compute), expected);
  expectClose(await ours(compute, 'cpu'), expected);
}

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const seeds = fc.integer({ min: 1, max: 1e6 });
const runs = { numRuns: 25 };

describe('relu', () => {
  test('its gradient is that of tfjs for random shapes', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, async (shape, seed) => {
        const weighted = (x: tf.Tensor) => tf.mul(tf.relu(x), normal(shape, seed + 1));
        await expectReferenceGradient(() => tf.grad(weighted)(normal(shape, seed)));
      }),
      runs,
    );
  });

  test('its gradient is 0 at 0 and below', async () => {
    const gradient = () => tf.grad(tf.relu)(tf.tensor1d([-1, -0, 0, 1e-30, 2]));
    expect(await ours(gradient)).toEqual([[0, 0, 0, 1, 1]]);
  });
});

describe('relu6', () => {
  test('its gradient is that of tfjs for random shapes', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, async (shape, seed) => {
        const weighted = (x: tf.Tensor) => tf.mul(tf.relu6(x), normal(shape, seed + 1));
        await expectReferenceGradient(() => tf.grad(weighted)(tf.mul(normal(shape, seed), 5)));
      }),
      runs,
    );
  });

  test("at its two corners it is 0, as TensorFlow's and PyTorch's", async () => {
    const gradient = () => tf.grad(tf.relu6)(tf.tensor1d([-1, 0, 1e-30, 5.5, 6, 7]));
    const expected = [[0, 0, 1, 1, 0, 0]];
    expect(await ours(gradient)).toEqual(expected);
    expect(await ours(gradient, 'cpu')).toEqual(expected);
  });
});

describe('clipByValue', () => {
  const relu6 = (x: tf.Tensor) => tf.clipByValue(tf.relu(x), 0, 6);

  test.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['over relu, as tf.layers has relu6', relu6],
    ['to 6, of what may be 0', (x) => tf.clipByValue(tf.mul(x, tf.step(x)), 0, 6)],
    ['to another range', (x) => tf.clipByValue(tf.relu(x), 1, 3)],
    [
      'over a relu that is read twice',
      (x) => tf.add(tf.clipByValue(tf.relu(x), 0, 6), tf.square(tf.relu(x))),
    ],
    [
      'over a relu whose output is read twice',
      (x) => {
        const y = tf.relu(x);
        return tf.add(tf.clipByValue(y, 0, 6), tf.mul(y, 3));
      },
    ],
  ])('%s, its gradient is that of tfjs', async (_, compute) => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, async (shape, seed) => {
        const weighted = (x: tf.Tensor) => tf.mul(compute(x), normal(shape, seed + 1));
        await expectReferenceGradient(() => {
          const { value, grad } = tf.valueAndGrad(weighted)(tf.mul(normal(shape, seed), 5));
          return [value, grad];
        });
      }),
      runs,
    );
  });

  test('its gradient at the output of a relu that is not differentiated is 1 at 0, as in tfjs', async () => {
    await expectReferenceGradient(() => {
      const y = tf.relu(tf.tensor1d([-1, 0, 3, 7]));
      return tf.grad((x) => tf.clipByValue(x, 0, 6))(y);
    });
  });

  test('over relu, it is one op forward and one backward', async () => {
    const { binding } = await registerTensorFlowBackend();
    const x = normal([4], 1);
    tf.tidy(() => void tf.grad(relu6)(x));
    const ops = recordOps(binding, () => tf.tidy(() => void tf.grad(relu6)(x)));
    expect(ops).toEqual(['Relu', 'Relu6', 'Relu6Grad']);
  });
});

describe('add', () => {
  /** Two shapes that broadcast to one: each dimension may be 1, and leading ones may be missing. */
  const operands = shapes.chain((shape) => {
    const operand = fc
      .tuple(
        fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
        fc.integer({ min: 0, max: shape.length }),
      )
      .map(([stretched, missing]) =>
        shape.map((dim, i) => (stretched[i] ? 1 : dim)).slice(missing),
      );
    return fc.tuple(operand, operand);
  });

  test('its gradients are those of tfjs for random shapes that broadcast', async () => {
    await fc.assert(
      fc.asyncProperty(operands, seeds, async ([a, b], seed) => {
        const squares = (x: tf.Tensor, y: tf.Tensor) => tf.square(tf.add(x, y));
        await expectReferenceGradient(() =>
          tf.grads(squares)([normal(a, seed), normal(b, seed + 1)]),
        );
      }),
      runs,
    );
  });

  test('a tensor added to itself gets both gradients', async () => {
    expect(await ours(() => tf.grad((x) => tf.add(x, x))(tf.tensor1d([1, 2])))).toEqual([[2, 2]]);
  });
});

describe.each([
  ['sum', tf.sum],
  ['mean', tf.mean],
])('%s', (_, reduce) => {
  const reductions = shapes.chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.option(fc.subarray(shape.map((_, axis) => axis)), { nil: undefined }),
      fc.boolean(),
    ),
  );

  test('its gradient is that of tfjs for random shapes and axes', async () => {
    await fc.assert(
      fc.asyncProperty(reductions, seeds, async ([shape, axes, keepDims], seed) => {
        const squares = (x: tf.Tensor) => tf.square(reduce(x, axes, keepDims));
        await expectReferenceGradient(() => tf.grad(squares)(normal(shape, seed)));
      }),
      runs,
    );
  });

  test('negative axes count from the end', async () => {
    const squares = (x: tf.Tensor) => tf.square(reduce(x, -1));
    await expectReferenceGradient(() => tf.grad(squares)(normal([3, 4], 1)));
  });
});
