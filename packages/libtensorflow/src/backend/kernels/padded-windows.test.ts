import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectClose, normal, ours, reference } from '../../../test/support/reference.ts';
import { registerTensorFlowBackend } from '../register.ts';

type Padding = number | tf.backend_util.ExplicitPadding;
type Rounding = 'floor' | 'round' | 'ceil';

interface Case {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly pad: Padding;
  readonly rounding: Rounding;
  readonly seed: number;
}

const runs = { numRuns: 40 };
const small = (min: number, max: number) => fc.integer({ min, max });

/** Images of one size, windows and paddings that leave none of the windows without an element of the image. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    size: small(1, 7),
    window: small(1, 4),
    stride: small(1, 3),
    sides: fc.tuple(small(0, 3), small(0, 3), small(0, 3), small(0, 3)),
    isNumber: fc.boolean(),
    rounding: fc.constantFrom<Rounding>('floor', 'round', 'ceil'),
    seed: small(1, 1e6),
  })
  .map(({ sides: [top, bottom, left, right], isNumber, ...rest }) => ({
    ...rest,
    pad: isNumber
      ? top
      : ([
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ] as tf.backend_util.ExplicitPadding),
  }))
  .filter(({ size, window, stride, pad, rounding }) => {
    const shape: [number, number, number, number] = [1, size, size, 1];
    const { computePool2DInfo } = tf.backend_util;
    const info = computePool2DInfo(shape, window, stride, 1, pad, rounding);
    const { top, left } = info.padInfo;
    const holds = (count: number, before: number) =>
      count > 0 && before < window && (count - 1) * stride - before < size;
    return holds(info.outHeight, top) && holds(info.outWidth, left);
  });

const image = ({ size, seed }: Case, channels = 2) =>
  normal([2, size, size, channels], seed) as tf.Tensor4D;

/** Compares a computation on both backends, for random cases. */
function agrees(compute: (one: Case) => tf.Tensor | tf.Tensor[]): Promise<void> {
  return fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const expected = await reference(() => compute(one));
      expectClose(await ours(() => compute(one)), expected, 1e-5);
    }),
    runs,
  );
}

type Layer = (one: Case) => {
  readonly f: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly inputs: tf.Tensor[];
};

const layers: Record<string, Layer> = {
  maxPool: (one) => ({
    f: (x) => tf.maxPool(x as tf.Tensor4D, one.window, one.stride, one.pad, one.rounding),
    inputs: [image(one)],
  }),
  avgPool: (one) => ({
    f: (x) => tf.avgPool(x as tf.Tensor4D, one.window, one.stride, one.pad, one.rounding),
    inputs: [image(one)],
  }),
  conv2d: (one) => ({
    f: (x, w) =>
      tf.conv2d(
        ...([x as tf.Tensor4D, w as tf.Tensor4D, one.stride, one.pad] as const),
        ...(['NHWC', 1, one.rounding] as const),
      ),
    inputs: [image(one), normal([one.window, one.window, 2, 3], one.seed + 1)],
  }),
  depthwiseConv2d: (one) => ({
    f: (x, w) =>
      tf.depthwiseConv2d(
        ...([x as tf.Tensor4D, w as tf.Tensor4D, one.stride, one.pad] as const),
        ...(['NHWC', 1, one.rounding] as const),
      ),
    inputs: [image(one), normal([one.window, one.window, 2, 2], one.seed + 1)],
  }),
};

describe.each(Object.entries(layers))(
  '%s, with paddings and rounding of any kind',
  (_name, layer) => {
    test('is that of the cpu backend', () =>
      agrees((one) => {
        const { f, inputs } = layer(one);
        return f(...inputs);
      }));

    // f(a x) = a f(x) for each input. The cpu backend's own gradients are wrong where the rounding is not down.
    test('has the gradients of a homogeneous map: <dy, f(x)> = <dx, x>', () =>
      fc.assert(
        fc.asyncProperty(cases, async (one) => {
          const [forward, ...backward] = await ours(() => {
            const { f, inputs } = layer(one);
            const y = f(...inputs);
            const dy = normal(y.shape, one.seed + 9);
            const gradients = tf.grads(f)(inputs, dy);
            const products = gradients.map((gradient, i) => tf.sum(tf.mul(gradient, inputs[i]!)));
            return [tf.sum(tf.mul(dy, y)), ...products];
          });
          for (const product of backward) expectClose([product], [forward!], 1e-4);
        }),
        runs,
      ));
  },
);

test('fused.conv2d is that of the cpu backend, in NHWC and NCHW', () =>
  agrees((one) => {
    const { stride, pad, rounding, seed, window } = one;
    const filter = normal([window, window, 2, 3], seed + 1) as tf.Tensor4D;
    const bias = normal([3], seed + 2);
    const options = { filter, bias, strides: stride, activation: 'relu' } as const;
    const [x, dimRoundingMode] = [image(one), rounding];
    const y = tf.fused.conv2d({ ...options, x, pad, dimRoundingMode });
    if (typeof pad !== 'number') return y;
    const nchw = { x: tf.transpose(x, [0, 3, 1, 2]), dataFormat: 'NCHW' } as const;
    return [y, tf.fused.conv2d({ ...options, ...nchw, pad, dimRoundingMode })];
  }));

test('pools of volumes take a number as padding, with the values of the cpu backend', async () => {
  const compute = () => {
    const x = normal([1, 3, 4, 3, 2], 1) as tf.Tensor5D;
    return [
      tf.maxPool3d(x, 2, 2, 1),
      tf.grad((v) => tf.maxPool3d(v as tf.Tensor5D, 2, 2, 1))(x),
      tf.avgPool3d(x, 3, 2, 1, 'floor'),
    ];
  };
  expectClose(await ours(compute), await reference(compute));
});

test('where no window fits, a pool is empty', async () => {
  await registerTensorFlowBackend();
  const x = tf.tensor5d([1], [1, 1, 1, 1, 1]);
  const y = tf.avgPool3d(x, [1, 1, 3], 1, 'valid');
  expect(y.shape).toEqual([1, 1, 1, 0, 1]);
  tf.dispose([x, y]);
});

test('what TensorFlow does itself is left to it: one op, and no padding', async () => {
  await registerTensorFlowBackend();
  const { kernelNames } = await tf.profile(() =>
    tf.tidy(() => {
      const x = normal([1, 6, 6, 2], 1) as tf.Tensor4D;
      const w = normal([3, 3, 2, 2], 2) as tf.Tensor4D;
      tf.maxPool(tf.conv2d(x, w, 1, 'same'), 2, 2, 'valid');
      tf.conv2d(x, w, 1, 1);
    }),
  );
  expect(kernelNames).toEqual(['Conv2D', 'MaxPool']);
});

test('neither tensors nor native handles are left', async () => {
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const before = [tf.memory().numTensors, nativeHandleCount()];
  tf.tidy(() => {
    const x = normal([1, 5, 5, 2], 1) as tf.Tensor4D;
    const f = (input: tf.Tensor) =>
      tf.avgPool(tf.maxPool(input as tf.Tensor4D, 3, 2, 1), 2, 1, 1) as tf.Tensor;
    tf.grad(f)(x);
  });
  expect([tf.memory().numTensors, nativeHandleCount()]).toEqual(before);
});
