import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { averagePool, convolution, maxPoolAfterRelu, sameIsSymmetric } from './convolution.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const size = fc.integer({ min: 1, max: 12 });

/** PyTorch's definition, written out: one channel, `kernel >> 1` zeros on each side. */
function referenceConvolution(x: number[][], kernel: number[][], stride: number): number[][] {
  const padding = kernel.length >> 1;
  const outputs = (length: number) =>
    Math.floor((length + 2 * padding - kernel.length) / stride) + 1;
  return Array.from({ length: outputs(x.length) }, (_, row) =>
    Array.from({ length: outputs(x[0]!.length) }, (_, column) =>
      kernel
        .flatMap((weights, i) =>
          weights.map(
            (w, j) => w * (x[row * stride + i - padding]?.[column * stride + j - padding] ?? 0),
          ),
        )
        .reduce((sum, value) => sum + value, 0),
    ),
  );
}

/** Distinct small integers, so that sums in float32 are exact. */
function ramp(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => i * 13 + j * 7 - 20),
  );
}

function image(values: number[][]): tf.Tensor4D {
  return tf.tensor2d(values).reshape([1, values.length, values[0]!.length, 1]);
}

test('a convolution pads as PyTorch does, at every size, kernel and stride', () => {
  fc.assert(
    fc.property(
      size,
      size,
      fc.constantFrom(1, 3, 7),
      fc.constantFrom(1, 2),
      (rows, columns, k, stride) => {
        const [x, kernel] = [ramp(rows, columns), ramp(k, k)];
        const result = convolution(image(x), tf.tensor2d(kernel).reshape([k, k, 1, 1]), { stride });
        expect(result.squeeze([0, 3]).arraySync()).toEqual(referenceConvolution(x, kernel, stride));
      },
    ),
  );
});

test('so does a depthwise one, and its gradients are those of the padded copy', () => {
  fc.assert(
    fc.property(
      ...([size, size, fc.constantFrom(1, 3, 5), fc.constantFrom(1, 2, 3)] as const),
      (rows, columns, k, stride) => {
        const [x, kernel] = [ramp(rows, columns), ramp(k, k)];
        const two = (values: number[][]) => tf.stack([tf.tensor2d(values), tf.tensor2d(values)], 2);
        const images = tf.expandDims<tf.Tensor4D>(two(x), 0);
        const filter = tf.reshape<tf.Rank.R4>(two(kernel), [k, k, 1, 2]);
        const run = (a: tf.Tensor, b: tf.Tensor) =>
          convolution(a as tf.Tensor4D, b as tf.Tensor4D, { stride, groups: 2 });
        const result = run(images, filter);
        const expected = referenceConvolution(x, kernel, stride);
        for (const channel of tf.unstack(tf.squeeze<tf.Tensor3D>(result, [0]), 2)) {
          expect(channel.arraySync()).toEqual(expected);
        }
        const side: [number, number] = [k >> 1, k >> 1];
        const copied = (a: tf.Tensor, b: tf.Tensor) => {
          const images = tf.pad(a as tf.Tensor4D, [[0, 0], side, side, [0, 0]]);
          return tf.depthwiseConv2d(
            images,
            tf.reshape(b, [k, k, 2, 1]) as tf.Tensor4D,
            stride,
            'valid',
          );
        };
        const dy = tf.reshape(tf.range(0, result.size), result.shape);
        const ours = tf.grads(run)([images, filter], dy);
        for (const [i, gradient] of tf.grads(copied)([images, filter], dy).entries()) {
          expect([...ours[i]!.dataSync()]).toEqual([...gradient.dataSync()]);
        }
      },
    ),
  );
});

test("TensorFlow's same is symmetric at odd sizes or stride 1 only", () => {
  expect([7, 8].map((n) => sameIsSymmetric(n, 3, 2))).toEqual([true, false]);
  expect([7, 8].map((n) => sameIsSymmetric(n, 7, 2))).toEqual([true, false]);
  expect([7, 8].map((n) => sameIsSymmetric(n, 3, 1))).toEqual([true, true]);
  expect([7, 8].map((n) => sameIsSymmetric(n, 1, 2))).toEqual([true, true]);
});

test('an even size would differ with same: this is why padding is explicit', () => {
  const [x, kernel] = [
    image(ramp(4, 4)),
    tf.tensor2d(ramp(3, 3)).reshape([3, 3, 1, 1]) as tf.Tensor4D,
  ];
  const ours = convolution(x, kernel, { stride: 2 }).arraySync();
  expect(ours).not.toEqual(tf.conv2d(x, kernel, 2, 'same').arraySync());
});

test('the max pool takes windows that start one pixel outside the image', () => {
  const pool = (n: number) => {
    const row = Array.from({ length: n }, (_, index) => index);
    return maxPoolAfterRelu(image([row]))
      .squeeze()
      .arraySync();
  };
  expect(pool(6)).toEqual([1, 3, 5]);
  expect(pool(7)).toEqual([1, 3, 5, 6]);
});

test('the average pool does not count what lies outside an odd image', () => {
  const x = image([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);
  expect(averagePool(x).squeeze([0, 3]).arraySync()).toEqual([
    [3, 4.5],
    [7.5, 9],
  ]);
  expect(
    averagePool(image([[5]]))
      .squeeze([0, 3])
      .arraySync(),
  ).toEqual([[5]]);
});

test('the gradient of the average pool shares each output among the pixels that are there', () => {
  const gradient = tf.grad((x) => averagePool(x as tf.Tensor4D).sum());
  const odd = gradient(image(ramp(3, 3)))
    .squeeze([0, 3])
    .arraySync();
  expect(odd).toEqual([
    [0.25, 0.25, 0.5],
    [0.25, 0.25, 0.5],
    [0.5, 0.5, 1],
  ]);
  const even = gradient(image(ramp(2, 4)))
    .squeeze([0, 3])
    .arraySync();
  expect(even).toEqual([Array(4).fill(0.25), Array(4).fill(0.25)]);
});

/** Each group by itself, as PyTorch defines it. */
function referenceGrouped(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number, stride: number) {
  const kernels = tf.split(kernel, groups, 3);
  const parts = tf
    .split(x, groups, 3)
    .map((part, group) =>
      convolution(part as tf.Tensor4D, kernels[group] as tf.Tensor4D, { stride }),
    );
  return tf.concat(parts, 3);
}

test.each([
  [2, 4, 6, 1],
  [4, 8, 8, 2],
  [3, 3, 3, 2],
  [4, 4, 8, 1],
  [4, 128, 8, 1],
  [3, 192, 6, 2],
  [2, 256, 4, 1],
])(
  '%d groups of %d channels to %d at stride %d, and their gradients, are those of each group by itself',
  (groups, inputs, outputs, stride) => {
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([2, 6, 7, inputs], 0, 1, 'float32', 1);
      const kernel = tf.randomNormal<tf.Rank.R4>(
        [3, 3, inputs / groups, outputs],
        0,
        1,
        'float32',
        2,
      );
      const run = (compute: (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor) => {
        const f = (a: tf.Tensor, b: tf.Tensor) => {
          const y = compute(a as tf.Tensor4D, b as tf.Tensor4D);
          return tf.sum(tf.mul(y, tf.range(0, y.size).reshape(y.shape)));
        };
        return [compute(x, kernel), ...tf.grads(f)([x, kernel])];
      };
      const actual = run((a, b) => convolution(a, b, { stride, groups }));
      const expected = run((a, b) => referenceGrouped(a, b, groups, stride));
      for (const [i, tensor] of actual.entries()) {
        expect(tensor.shape).toEqual(expected[i]!.shape);
        const scale = tf.max(tf.abs(expected[i]!)).dataSync()[0]!;
        expect(tf.max(tf.abs(tf.sub(tensor, expected[i]!))).dataSync()[0]! / scale).toBeLessThan(
          1e-5,
        );
      }
    });
  },
);

test("a backend's own grouped convolution is taken where there is one", () => {
  const [x, kernel] = [tf.ones<tf.Rank.R4>([1, 5, 5, 4]), tf.ones<tf.Rank.R4>([3, 3, 2, 6])];
  const calls: unknown[] = [];
  const kernelName = 'GroupedConv2D';
  const result = tf.zeros([1, 3, 3, 6]);
  tf.registerKernel({
    ...{ kernelName, backendName: 'cpu' },
    kernelFunc: ({ inputs, attrs }) => {
      calls.push([inputs.x!.shape, inputs.filter!.shape, attrs]);
      return result;
    },
  });
  convolution(x, kernel, { stride: 1, groups: 2 });
  tf.unregisterKernel(kernelName, 'cpu');
  const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
  expect(calls).toEqual([[[1, 5, 5, 4], [3, 3, 2, 6], attributes]]);
});

test("TensorFlow's padding is taken where it is asked for", () => {
  const x = image(ramp(4, 4));
  const kernel = tf.tensor2d(ramp(3, 3)).reshape([3, 3, 1, 1]) as tf.Tensor4D;
  const same = convolution(x, kernel, { stride: 2, padding: 'same' }).arraySync();
  expect(same).toEqual(tf.conv2d(x, kernel, 2, 'same').arraySync());
});
