import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { registerTrainingKernels } from './register-training-kernels.ts';

type Gradients = { readonly values: readonly Float32Array[]; readonly shapes: number[][] };

const wasmGets = [
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'OneHot',
  'MaxPoolGrad',
];

/** The gradients of a weighted sum, on a backend. */
async function gradientsOn(
  backend: string,
  convolve: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D,
  shapes: readonly [number[], number[]],
): Promise<Gradients> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const [x, filter] = shapes.map((shape, i) => tf.randomNormal(shape, 0, 1, 'float32', i + 1));
    const loss = (...[x, filter]: tf.Tensor[]) => {
      const y = convolve(x as tf.Tensor4D, filter as tf.Tensor4D);
      return tf.sum(tf.mul(y, tf.randomNormal(y.shape, 0, 1, 'float32', 3)));
    };
    const gradients = tf.grads(loss)([x!, filter!]);
    return {
      values: gradients.map((one) => one.dataSync<'float32'>()),
      shapes: gradients.map(({ shape }) => shape),
    };
  });
}

/** With one stride, and numbers for padding of 3x3 only: elsewhere the forward pass of wasm ends in `memory access out of bounds`. */
const sizes = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 3, max: 9 }),
  width: fc.integer({ min: 3, max: 9 }),
  channels: fc.integer({ min: 1, max: 4 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom('same' as const, 'valid' as const, 1),
});

test('wasm gets what it lacks, once', async () => {
  expect(registerTrainingKernels('wasm')).toEqual(wasmGets);
  await tf.setBackend('wasm');
  expect(registerTrainingKernels()).toEqual([]);
});

test('a backend that is not there is an error', () => {
  expect(() => registerTrainingKernels('wsam')).toThrow(/registered, got 'wsam'\. Import/);
});

test.each([
  ['conv2d', tf.conv2d],
  ['depthwiseConv2d', tf.depthwiseConv2d],
] as const)(
  "the gradients of %s on wasm are cpu's, whatever sizes, strides and padding",
  async (_, op) => {
    registerTrainingKernels('wasm');
    await fc.assert(
      fc.asyncProperty(
        sizes,
        async ({ images, channels, outputs, kernel, stride, pad, ...size }) => {
          const convolve = (x: tf.Tensor4D, filter: tf.Tensor4D) => op(x, filter, stride, pad);
          const shapes = [
            [images, size.height, size.width, channels],
            [...(pad === 1 ? [3, 3] : kernel), channels, outputs],
          ] as [number[], number[]];
          const expected = await gradientsOn('cpu', convolve, shapes);
          const got = await gradientsOn('wasm', convolve, shapes);
          expect(got.shapes).toEqual(expected.shapes);
          for (const [i, values] of got.values.entries()) {
            const difference = values.map((value, at) =>
              Math.abs(value - expected.values[i]![at]!),
            );
            expect(Math.max(...difference)).toBeLessThan(1e-4);
          }
        },
      ),
      { numRuns: 60 },
    );
  },
);

test('a gradient keeps no tensor but itself', async () => {
  registerTrainingKernels('wasm');
  await tf.setBackend('wasm');
  const x = tf.ones<tf.Rank.R4>([2, 5, 5, 3]);
  const filter = tf.ones<tf.Rank.R4>([3, 3, 3, 2]);
  const before = tf.memory().numTensors;
  for (const op of [tf.conv2d, tf.depthwiseConv2d]) {
    const loss = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.sum(op(x, filter, 2, 'same'));
    const gradients = tf.grads(loss as (...tensors: tf.Tensor[]) => tf.Tensor)([x, filter]);
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose(gradients);
  }
  tf.dispose([x, filter]);
});

test("the gradient of maxPool on wasm is cpu's below 0 too", async () => {
  registerTrainingKernels('wasm');
  const gradientOn = async (backend: string) => {
    await tf.setBackend(backend);
    return tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([2, 7, 7, 3], -1, 1, 'float32', 1);
      const pooled = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 3, 2, 1);
      const weights = tf.randomNormal([2, 4, 4, 3], 0, 1, 'float32', 2);
      return tf
        .grad((x) => tf.sum(tf.mul(weights, pooled(x))))(x)
        .dataSync();
    });
  };
  const expected = await gradientOn('cpu');
  const before = tf.memory().numTensors;
  const got = await gradientOn('wasm');
  const difference = got.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...difference)).toBeLessThan(1e-5);
  expect(tf.memory().numTensors).toBe(before);
});

test.each(['int32', 'float32', 'bool'] as const)('oneHot on wasm has ones in %s', async (dtype) => {
  registerTrainingKernels('wasm');
  await tf.setBackend('wasm');
  const before = tf.memory().numTensors;
  const rows = tf.tidy(() => tf.oneHot(tf.tensor1d([1, 0], 'int32'), 2, 1, 0, dtype));
  expect(rows.dtype).toBe(dtype);
  expect(Array.from(rows.dataSync())).toEqual([0, 1, 1, 0]);
  rows.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('images with their channels in front are refused with what to do', () => {
  registerTrainingKernels('wasm');
  const tensors = { x: tf.ones([1, 3, 5, 5]), dy: tf.ones([1, 2, 5, 5]) };
  const attributes = { strides: 1, pad: 'same', dataFormat: 'NCHW', filterShape: [3, 3, 3, 2] };
  expect(() => tf.engine().runKernel('Conv2DBackpropFilter', tensors, attributes)).toThrow(
    /expected dataFormat NHWC, got NCHW\. Transpose/,
  );
  tf.dispose(tensors);
});

test("the gradients of cpu's filters stay what they were", async () => {
  const convolve = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, 2, 'same');
  const shapes: [number[], number[]] = [
    [2, 7, 6, 3],
    [3, 3, 3, 4],
  ];
  const expected = await gradientsOn('cpu', convolve, shapes);
  expect(registerTrainingKernels('cpu')).toEqual(['Conv2DBackpropFilter']);
  expect(registerTrainingKernels('cpu')).toEqual([]);
  const got = await gradientsOn('cpu', convolve, shapes);
  for (const [i, values] of got.values.entries()) {
    const difference = values.map((value, at) => Math.abs(value - expected.values[i]![at]!));
    expect(Math.max(...difference)).toBeLessThan(1e-4);
  }
});
