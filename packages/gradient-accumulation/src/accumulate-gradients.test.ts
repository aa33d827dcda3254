import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { accumulateGradients } from './index.ts';

beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

/** A small convolutional network without batch norm, and a batch for it. */
function network() {
  const weights = {
    conv: tf.variable(tf.randomNormal([3, 3, 3, 4], 0, 0.5, 'float32', 1)),
    bias: tf.variable(tf.zeros([4])),
    fc: tf.variable(tf.randomNormal([4, 5], 0, 0.5, 'float32', 2)),
  };
  const batch = {
    images: tf.randomNormal([12, 8, 8, 3], 0, 1, 'float32', 3),
    labels: tf.tensor1d([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1], 'int32'),
  };
  const descend = ({ images, labels }: { images: tf.Tensor; labels: tf.Tensor }) => {
    let logits: tf.Tensor | undefined;
    const loss = () => {
      const maps = tf.relu(
        tf.add(
          tf.conv2d(images as tf.Tensor4D, weights.conv as tf.Variable<tf.Rank.R4>, 2, 'same'),
          weights.bias,
        ),
      );
      logits = tf.keep(tf.matMul(tf.mean(maps, [1, 2]), weights.fc));
      const targets = tf.oneHot(labels as tf.Tensor1D, 5);
      return tf.losses.softmaxCrossEntropy(targets, logits).asScalar();
    };
    const { value, grads } = tf.variableGrads(loss, Object.values(weights));
    const named = Object.entries(weights).map(([name, { name: key }]) => [name, grads[key]!]);
    const result = { loss: value, gradients: Object.fromEntries(named), logits: tf.clone(logits!) };
    logits!.dispose();
    return result;
  };
  return { batch, descend };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(expected[i]!)));
  }
}

describe.each(['cpu', 'tensorflow'])('on the backend %s', (backend) => {
  beforeAll(async () => {
    if (backend === 'tensorflow') await registerTensorFlowBackend();
    await tf.setBackend(backend);
  });

  test.each([1, 2, 3, 12])('%d micro-batches give what the large batch gives', (steps) => {
    const { batch, descend } = network();
    const whole = descend(batch);
    const parts = accumulateGradients(batch, { steps }, descend);
    expectClose(parts.loss.dataSync(), whole.loss.dataSync());
    expect(parts.logits.shape).toEqual([12, 5]);
    expectClose(parts.logits.dataSync(), whole.logits.dataSync());
    for (const [name, gradient] of Object.entries<tf.Tensor>(whole.gradients)) {
      expectClose(parts.gradients[name]!.dataSync(), gradient.dataSync());
    }
  });
});

test('compiled, micro-batches give what the large batch gives, and the state of one is seen by the next', async () => {
  await registerTensorFlowBackend();
  const { batch, descend } = network();
  const whole = descend(batch);
  const seen = tf.variable(tf.scalar(0));
  const step = await compile(
    (given) => {
      const { gradients, ...others } = accumulateGradients(given, { steps: 3 }, (part) => {
        seen.assign(tf.add(tf.mul(seen, 0.9), tf.mean(part.images)));
        return descend(part);
      });
      return { ...gradients, ...others };
    },
    { inputs: { images: { shape: [12, 8, 8, 3] }, labels: { shape: [12], dtype: 'int32' } } },
  );
  const results = (await step.run({
    images: batch.images.dataSync(),
    labels: batch.labels.dataSync(),
  })) as Record<string, number | { values: ArrayLike<number> }>;
  expect(results.loss).toBeCloseTo(whole.loss.dataSync()[0]!, 5);
  for (const [name, gradient] of Object.entries<tf.Tensor>(whole.gradients)) {
    expectClose((results[name] as { values: ArrayLike<number> }).values, gradient.dataSync());
  }
  const means = Array.from(tf.mean(tf.reshape(batch.images, [3, -1]), 1).dataSync());
  const expected = means.reduce((value, mean) => value * 0.9 + mean, 0);
  const [state] = Object.values(await step.read({ seen }));
  expect(state!.values[0]).toBeCloseTo(expected, 5);
  await step.dispose();
});

describe('on the cpu backend', () => {
  beforeAll(() => tf.setBackend('cpu'));

  const scalars = (part: { x: tf.Tensor }) => ({
    loss: tf.mean(part.x).asScalar(),
    gradients: { w: tf.mean(part.x, 0) },
  });

  test('means over micro-batches are means over the batch, whatever the sizes', () => {
    const [micro, count] = [fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })];
    fc.assert(
      fc.property(
        micro,
        count,
        fc.infiniteStream(fc.float({ min: -8, max: 8, noNaN: true })),
        (size, steps, values) => {
          tf.tidy(() => {
            const x = tf.tensor2d([...values.take(size * steps * 2)], [size * steps, 2]);
            const { loss, gradients } = accumulateGradients({ x }, { steps }, scalars);
            expectClose(loss.dataSync(), tf.mean(x).dataSync());
            expectClose(gradients.w!.dataSync(), tf.mean(x, 0).dataSync());
          });
        },
      ),
    );
  });

  test('every micro-batch has its own examples, in order and in their dtype', () => {
    const seen: unknown[] = [];
    accumulateGradients({ x: tf.tensor1d([1, 2, 3, 4, 5, 6], 'int32') }, { steps: 3 }, ({ x }) => {
      seen.push([x.dtype, ...x.dataSync()]);
      return {
        loss: tf.scalar(Number.POSITIVE_INFINITY),
        gradients: { w: tf.scalar(Number.POSITIVE_INFINITY) },
      };
    });
    expect(seen).toEqual([
      ['int32', 1, 2],
      ['int32', 3, 4],
      ['int32', 5, 6],
    ]);
  });

  test('activations are freed before the next micro-batch, and only the results stay', () => {
    const x = tf.ones([8, 2]);
    const before = tf.memory().numTensors;
    const during: number[] = [];
    const result = accumulateGradients({ x }, { steps: 4 }, (part) => {
      during.push(tf.memory().numTensors);
      for (let i = 0; i < 50; i++) tf.square(part.x);
      return scalars(part);
    });
    // The second one finds the sums of the first; then nothing is added.
    expect(during[3]).toBe(during[1]);
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([result.loss, result.gradients]);
    expect(tf.memory().numTensors).toBe(before);
    expect(x.isDisposed).toBe(false);
  });

  test('reads no value, and leaves alone what the function returns of others', () => {
    const mine = tf.scalar(2);
    const reads = vi.spyOn(tf.Tensor.prototype, 'dataSync');
    const { loss } = accumulateGradients({ x: tf.ones([4]) }, { steps: 2 }, () => ({
      loss: mine,
      gradients: { w: mine },
    }));
    expect(reads).not.toHaveBeenCalled();
    reads.mockRestore();
    expect([mine.isDisposed, loss.dataSync()[0], mine.dataSync()[0]]).toEqual([false, 2, 2]);
  });

  test.each<[() => unknown, RegExp]>([
    [() => accumulateGradients({ x: tf.ones([4]) }, { steps: 0 }, scalars), /integer >= 1, got 0/],
    [
      () => accumulateGradients({ x: tf.ones([4]) }, { steps: 3 }, scalars),
      /3 steps divide, got 4/,
    ],
    [
      () => accumulateGradients({ x: tf.ones([4]), y: tf.ones([2]) }, { steps: 2 }, scalars),
      /one number of examples along the first axis, got x \[4\], y \[2\]/,
    ],
    [() => accumulateGradients({ x: tf.scalar(1) }, { steps: 1 }, scalars), /got x \[\]/],
    [
      () =>
        accumulateGradients(
          { x: tf.ones([4]) },
          { steps: 2 },
          ({ x }) => ({ loss: x, gradients: {} }) as never,
        ),
      /\{ loss, gradients \} with a scalar loss/,
    ],
    [
      () => {
        let call = 0;
        return accumulateGradients({ x: tf.ones([4]) }, { steps: 2 }, () => ({
          loss: tf.scalar(1),
          gradients: { [`w${call++}`]: tf.scalar(1) },
        }));
      },
      /the same tensors of every micro-batch, got w1 after w0/,
    ],
  ])('refuses what cannot be accumulated: %s', (call, message) => {
    const before = tf.memory().numTensors;
    expect(call).toThrow(message);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 2);
  });
});
