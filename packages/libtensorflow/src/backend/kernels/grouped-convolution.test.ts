import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { expectClose, normal, ours, reference } from '../../../test/support/reference.ts';
import { registerTensorFlowBackend } from '../register.ts';
import { askDevice, gradientsByDevice } from './grouped-convolution.ts';

const { binding, nativeHandleCount } = await registerTensorFlowBackend();

interface Case {
  readonly groups: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly pad: 'same' | 'valid';
}

type Convolution = (x: tf.Tensor4D, filter: tf.Tensor4D, one: Case) => tf.Tensor;

const grouped: Convolution = (x, filter, { stride, pad }) =>
  tf
    .engine()
    .runKernel(
      'GroupedConv2D',
      { x, filter },
      { strides: stride, pad, dilations: 1, dataFormat: 'NHWC' },
    );

/** Its definition: each group by itself. */
const groupByGroup: Convolution = (x, filter, { groups, stride, pad }) => {
  const filters = tf.split<tf.Tensor4D>(filter, groups, 3);
  const parts = tf.split<tf.Tensor4D>(x, groups, 3);
  return tf.concat(
    parts.map((part, i) => tf.conv2d(part, filters[i]!, stride, pad)),
    3,
  );
};

/** The output, and both gradients of a loss that weighs it. */
const passes = (convolution: Convolution, one: Case) => () => {
  const { groups, inputs, outputs, size, window } = one;
  const x = normal([2, size, size, groups * inputs], 1);
  const filter = normal([window, window, inputs, groups * outputs], 2);
  const f = (a: tf.Tensor, b: tf.Tensor) => convolution(a as tf.Tensor4D, b as tf.Tensor4D, one);
  const weighted = (a: tf.Tensor, b: tf.Tensor) => {
    const y = f(a, b);
    return tf.mul(y, normal(y.shape, 3));
  };
  return [f(x, filter), ...tf.grads(weighted)([x, filter])];
};

describe.each([
  ['as the device has them', askDevice(binding)],
  ['group by group', false],
])('GroupedConv2D with gradients %s', (_, areWhole) => {
  beforeEach(() => void gradientsByDevice.set(binding, areWhole));

  const small = (min: number, max: number) => fc.integer({ min, max });
  const cases: fc.Arbitrary<Case> = fc.record({
    ...{ groups: small(2, 5), inputs: small(1, 5), outputs: small(1, 5), size: small(3, 7) },
    ...{ window: small(1, 3), stride: small(1, 2), pad: fc.constantFrom('same', 'valid') },
  });

  test('is, with both gradients, what each group is by itself', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const expected = await reference(passes(groupByGroup, one));
        expectClose(await ours(passes(grouped, one)), expected);
      }),
      { numRuns: 40 },
    );
  });

  test('leaves no tensor and no native handle behind', async () => {
    const one = { groups: 4, inputs: 4, outputs: 4, size: 6, window: 3, stride: 1, pad: 'same' };
    await registerTensorFlowBackend();
    const before = [tf.memory().numTensors, nativeHandleCount()];
    tf.tidy(() => void passes(grouped, one as Case)());
    expect([tf.memory().numTensors, nativeHandleCount()]).toEqual(before);
  });
});

test('the device is asked without a trace, and one that fails or sees no groups has no gradient of them', () => {
  const before = nativeHandleCount();
  const { executeOp } = binding;
  try {
    askDevice(binding);
    binding.executeOp = () => {
      throw new Error('Gradients for grouped convolutions are not supported on CPU.');
    };
    expect(askDevice(binding)).toBe(false);
    binding.executeOp = () => [
      { id: binding.createTensor([1], 1, Float32Array.of(4)), shape: [1], dtype: 1 },
    ];
    expect(askDevice(binding)).toBe(false);
  } finally {
    binding.executeOp = executeOp;
  }
  expect(nativeHandleCount()).toBe(before);
});
