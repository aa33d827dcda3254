import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { expectGraphToEqualEager, type Tensors } from '../test/support/compare.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** One op that a random function may apply: to the last tensor `x`, an older one `y`, and a small number `n`. */
type Step = (x: tf.Tensor, y: tf.Tensor, n: number) => tf.Tensor | undefined;

const sameShape = (x: tf.Tensor, y: tf.Tensor) => tf.util.arraysEqual(x.shape, y.shape);
const isImage = (x: tf.Tensor): x is tf.Tensor4D =>
  x.rank === 4 && x.shape[1]! > 2 && x.shape[2]! > 2;
/** Keeps values small and away from where rounding decides between two outcomes. */
const tame = (x: tf.Tensor) => tf.tanh(tf.mul(x, 0.5));
const axisOf = (x: tf.Tensor, n: number) => n % x.rank;

const steps: Record<string, Step> = {
  // elementwise
  exp: (x) => tf.exp(tame(x)),
  log: (x) => tf.log(tf.add(tf.abs(x), 1)),
  sqrt: (x) => tf.sqrt(tf.add(tf.square(x), 0.5)),
  sigmoid: (x) => tf.sigmoid(x),
  softplus: (x) => tf.softplus(x),
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(tf.mul(x, 4)),
  elu: (x) => tf.elu(x),
  selu: (x) => tf.selu(x),
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  sin: (x) => tf.sin(x),
  erf: (x) => tf.erf(x),
  clip: (x) => tf.clipByValue(x, -0.3, 0.7),
  pow: (x) => tf.pow(tf.add(tf.abs(x), 0.5), 1.5),
  neg: (x) => tf.neg(x),
  reciprocal: (x) => tf.reciprocal(tf.add(tf.square(x), 1)),
  add: (x, y) => (sameShape(x, y) ? tf.add(x, y) : undefined),
  sub: (x, y) => (sameShape(x, y) ? tf.sub(x, y) : undefined),
  mul: (x, y) => (sameShape(x, y) ? tf.mul(tame(x), y) : undefined),
  div: (x, y) => (sameShape(x, y) ? tf.div(x, tf.add(tf.square(y), 1)) : undefined),
  maximum: (x, y) => (sameShape(x, y) ? tf.maximum(x, y) : undefined),
  broadcast: (x, y) =>
    x.rank > 0 && y.shape.at(-1) === x.shape.at(-1) && y.rank === 1 ? tf.add(x, y) : undefined,
  // reductions
  sum: (x, _, n) => (x.rank > 1 ? tf.sum(x, axisOf(x, n), n % 2 === 0) : undefined),
  mean: (x, _, n) => (x.rank > 1 ? tf.mean(x, axisOf(x, n), n % 2 === 0) : undefined),
  max: (x, _, n) => (x.rank > 1 ? tf.max(x, axisOf(x, n)) : undefined),
  min: (x, _, n) => (x.rank > 1 ? tf.min(x, axisOf(x, n)) : undefined),
  logSumExp: (x, _, n) => (x.rank > 1 ? tf.logSumExp(x, axisOf(x, n)) : undefined),
  softmax: (x) => (x.rank > 0 ? tf.softmax(x) : undefined),
  logSoftmax: (x) => (x.rank > 0 ? tf.logSoftmax(x) : undefined),
  moments: (x) => tf.moments(x).variance,
  cumsum: (x, _, n) => (x.rank > 0 ? tf.cumsum(x, axisOf(x, n)) : undefined),
  argMax: (x) => (x.rank > 1 ? tf.cast(tf.argMax(x, -1), 'float32') : undefined),
  // matrices and images
  matMul: (x, y) =>
    x.rank === 2 && y.rank === 2 && x.shape[1] === y.shape[1]
      ? tf.matMul(tame(x) as tf.Tensor2D, y as tf.Tensor2D, false, true)
      : undefined,
  gram: (x) =>
    x.rank === 2 ? tf.matMul(tame(x) as tf.Tensor2D, x as tf.Tensor2D, true) : undefined,
  conv: (x, _, n) =>
    isImage(x)
      ? tf.conv2d(x, tf.mul(tf.ones([n + 1, n + 1, x.shape[3], 2]), 0.3) as tf.Tensor4D, 1, 'same')
      : undefined,
  depthwise: (x) =>
    isImage(x)
      ? tf.depthwiseConv2d(
          x,
          tf.mul(tf.ones([2, 2, x.shape[3], 2]), 0.3) as tf.Tensor4D,
          1,
          'valid',
        )
      : undefined,
  maxPool: (x) => (isImage(x) ? tf.maxPool(x, 2, 1, 'same') : undefined),
  avgPool: (x) => (isImage(x) ? tf.avgPool(x, 2, 2, 'valid') : undefined),
  batchNorm: (x) =>
    isImage(x)
      ? tf.batchNorm(x, tf.mean(x, [0, 1, 2]), tf.ones([x.shape[3]]), undefined, undefined, 0.1)
      : undefined,
  resize: (x) => (isImage(x) ? tf.image.resizeBilinear(x, [3, 5]) : undefined),
  // shapes
  reshape: (x) => tf.reshape(x, [-1]),
  transpose: (x) => (x.rank > 1 ? tf.transpose(x) : undefined),
  expandDims: (x) => (x.rank < 3 ? tf.expandDims(x, 0) : undefined),
  squeeze: (x) => tf.squeeze(x),
  concat: (x, y, n) =>
    x.rank > 0 && sameShape(x, y) ? tf.concat([x, y, x], axisOf(x, n)) : undefined,
  stack: (x, y) => (x.rank < 3 && sameShape(x, y) ? tf.stack([x, y]) : undefined),
  split: (x, _, n) => {
    const axis = x.rank === 0 ? 0 : axisOf(x, n);
    if (x.rank === 0 || x.shape[axis]! % 2 !== 0) return undefined;
    const [first, second] = tf.split(x, 2, axis);
    return tf.sub(first!, tf.mul(second!, 0.5));
  },
  unstack: (x) => (x.rank > 1 ? tf.unstack(x)[0] : undefined),
  slice: (x) => (x.rank > 0 && x.shape[0]! > 1 ? tf.slice(x, [1], [x.shape[0]! - 1]) : undefined),
  stridedSlice: (x) =>
    x.rank === 1 && x.shape[0]! > 1 ? tf.stridedSlice(x, [0], [x.shape[0]!], [2]) : undefined,
  pad: (x) =>
    x.rank === 2
      ? tf.pad(x, [
          [1, 0],
          [0, 2],
        ])
      : undefined,
  tile: (x) => (x.rank === 1 && x.size < 50 ? tf.tile(x, [2]) : undefined),
  reverse: (x, _, n) => (x.rank > 0 ? tf.reverse(x, axisOf(x, n)) : undefined),
  gather: (x, _, n) =>
    x.rank > 0 ? tf.gather(x, tf.tensor1d([0, n % x.shape[0]!, 0], 'int32')) : undefined,
  // types and choices
  cast: (x) => tf.mul(tf.cast(tf.cast(tf.add(tf.mul(x, 3), 0.1234), 'int32'), 'float32'), 0.3),
  where: (x, y) => (sameShape(x, y) ? tf.where(tf.greater(x, tf.scalar(0.01)), x, y) : undefined),
  compare: (x, y) =>
    sameShape(x, y) ? tf.mul(x, tf.cast(tf.lessEqual(x, y), 'float32')) : undefined,
  oneHot: (x, _, n) =>
    x.rank === 1 ? tf.cast(tf.oneHot(tf.fill([x.size], n, 'int32'), 4), 'float32') : undefined,
};

interface Choice {
  readonly step: string;
  readonly with: number;
  readonly n: number;
}

const choice = fc.record({
  step: fc.constantFrom(...Object.keys(steps)),
  with: fc.nat(20),
  n: fc.integer({ min: 0, max: 3 }),
});

/** Applies the steps that fit, each to the result of the one before. */
function build(choices: readonly Choice[], { image, matrix, vector }: Tensors): tf.Tensor[] {
  const pool = [vector!, matrix!, image!];
  for (const { step, with: other, n } of choices) {
    const x = pool.at(-1 - (n % 2))!;
    const result = steps[step]!(x, pool[other % pool.length]!, n);
    // Tensors of one element too many or none at all tell nothing.
    if (result !== undefined && result.size > 0 && result.size < 2000) pool.push(result);
  }
  return pool;
}

const inputs = (): Tensors => ({
  image: tf.tensor(wave(2 * 4 * 4 * 2, 1), [2, 4, 4, 2]),
  matrix: tf.tensor(wave(12, 2), [4, 3]),
  vector: tf.tensor(wave(3, 3), [3]),
});

function wave(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(1.3 * i + seed) + 0.05 * seed);
}

describe('random functions', () => {
  test('compute in a graph what they compute eagerly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(choice, { minLength: 3, maxLength: 14 }), async (choices) => {
        const fn = (given: Tensors) =>
          Object.fromEntries(build(choices, given).map((tensor, i) => [`t${i}`, tensor]));
        await expectGraphToEqualEager(fn, inputs(), 2e-5);
      }),
      { numRuns: 40, seed: 42 },
    );
  });

  test('have in a graph the gradients that they have eagerly, or the same error', {
    tags: ['slow'],
  }, async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(choice, { minLength: 3, maxLength: 10 }), async (choices) => {
        const loss = (image: tf.Tensor, matrix: tf.Tensor, vector: tf.Tensor) =>
          tf
            .addN(build(choices, { image, matrix, vector }).map((tensor) => tf.sum(tame(tensor))))
            .asScalar();
        const fn = ({ image, matrix, vector }: Tensors) => {
          const gradients = tf.grads(loss)([image!, matrix!, vector!]);
          return Object.fromEntries(gradients.map((gradient, i) => [`d${i}`, gradient]));
        };
        const given = inputs();
        const eagerError = attempt(() => tf.tidy(() => void fn(given)));
        const graph = expectGraphToEqualEager(fn, given, 1e-4);
        if (eagerError === undefined) {
          compared++;
          await graph;
        } else {
          await expect(graph).rejects.toThrow(eagerError.message);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(compared).toBeGreaterThan(30);
  });
});

function attempt(action: () => void): Error | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
