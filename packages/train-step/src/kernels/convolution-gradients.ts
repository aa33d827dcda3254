import * as tf from '@tensorflow/tfjs-core';

/** What the kernels of tfjs get besides tensors; the gradients of tfjs-core leave dilations at 1. */
interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4D = [number, number, number, number];

interface Geometry {
  readonly strides: [number, number];
  readonly padding: { readonly top: number; readonly left: number };
  /** Of the input with its zeros around. */
  readonly padded: (x: tf.Tensor4D) => tf.Tensor4D;
  readonly paddedSize: readonly [height: number, width: number];
  readonly filterSize: readonly [height: number, width: number];
}

function geometryOf(
  inputShape: Shape4D,
  filterShape: Shape4D,
  { strides, pad, dimRoundingMode, dataFormat = 'NHWC' }: Attributes,
  depthwise: boolean,
): Geometry {
  if (dataFormat !== 'NHWC') {
    throw new Error(
      `convolution gradient: expected dataFormat NHWC, got ${dataFormat}. Transpose the images`,
    );
  }
  const info = tf.backend_util.computeConv2DInfo(
    ...([inputShape, filterShape, strides, 1, pad, dimRoundingMode, depthwise] as const),
  );
  const { top, bottom, left, right } = info.padInfo;
  return {
    strides: [info.strideHeight, info.strideWidth],
    padding: { top, left },
    padded: (x) =>
      tf.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
    paddedSize: [info.inHeight + top + bottom, info.inWidth + left + right],
    filterSize: [info.filterHeight, info.filterWidth],
  };
}

/**
 * The gradient of a convolution's filter, itself a convolution: images and channels change places, and the stride becomes a dilation.
 *
 * ```
 * dW[p, q, c, k] = sum over n, i, j of x[n, p + s i, q + s j, c] dy[n, i, j, k]
 * ```
 */
export function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { filterShape, ...attributes }: Attributes & { readonly filterShape: Shape4D },
): tf.Tensor4D {
  return tf.tidy(() => {
    const { padded, strides } = geometryOf(x.shape, filterShape, attributes, false);
    const images = tf.transpose(padded(x), [3, 1, 2, 0]);
    const filter = tf.transpose(dy, [1, 2, 0, 3]);
    const products = tf.conv2d(images, filter, 1, 'valid', 'NHWC', strides);
    const [height, width, inputs, outputs] = filterShape;
    // The forward pass may have left a last row or column out.
    const kept = tf.slice(products, [0, 0, 0, 0], [inputs, height, width, outputs]);
    return tf.transpose(kept, [1, 2, 0, 3]);
  });
}

/** `dy` with stride - 1 zeros between its rows and columns: `[n, s (height - 1) + 1, s (width - 1) + 1, channels]`. */
function spread(dy: tf.Tensor4D, [down, right]: readonly [number, number]): tf.Tensor4D {
  if (down === 1 && right === 1) return dy;
  const [images, height, width, channels] = dy.shape;
  const apart = tf.pad(tf.reshape(dy, [images * height, 1, width, channels]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, (right - 1) * channels],
  ]);
  const whole: tf.Tensor4D = tf.reshape(apart, [images, height * down, width * right, channels]);
  const size: Shape4D = [images, down * (height - 1) + 1, right * (width - 1) + 1, channels];
  return tf.slice(whole, [0, 0, 0, 0], size);
}

/** The gradient of a depthwise filter: `dW[p, q, c, m] = sum over n, i, j of x[n, p + s i, q + s j, c] dy[n, i, j, c M + m]`. */
export function depthwiseFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { filterShape, ...attributes }: Attributes & { readonly filterShape: Shape4D },
): tf.Tensor4D {
  return tf.tidy(() => {
    const { padded, strides } = geometryOf(x.shape, filterShape, attributes, true);
    const images = padded(x);
    const far = spread(dy, strides);
    const [count, height, width] = far.shape;
    const [rows, columns, channels, multiplier] = filterShape;
    const flat = tf.reshape(far, [count * height * width, channels, multiplier]);
    const ones = tf.ones([1, count * height * width]) as tf.Tensor2D;
    const sums: tf.Tensor[] = [];
    for (let p = 0; p < rows; p++) {
      for (let q = 0; q < columns; q++) {
        const seen = tf.slice(images, [0, p, q, 0], [count, height, width, channels]);
        const products = tf.mul(tf.reshape(seen, [count * height * width, channels, 1]), flat);
        sums.push(tf.matMul(ones, tf.reshape(products, [-1, channels * multiplier])));
      }
    }
    return tf.reshape(tf.concat(sums), filterShape) as tf.Tensor4D;
  });
}

/** The gradient of a depthwise convolution's input: the convolution of what `spread` makes of `dy` with the filter turned by 180 degrees. */
export function depthwiseInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { inputShape, ...attributes }: Attributes & { readonly inputShape: Shape4D },
): tf.Tensor4D {
  return tf.tidy(() => {
    const { strides, padding, paddedSize, filterSize } = geometryOf(
      ...([inputShape, filter.shape, attributes, true] as const),
    );
    const [images, , , channels] = inputShape;
    const [rows, columns] = filterSize;
    const far = spread(dy, strides);
    const multiplier = filter.shape[3];
    const turned = tf.reverse(filter, [0, 1]) as tf.Tensor4D;
    const [, height, width] = far.shape;
    const around = tf.pad(far, [
      [0, 0],
      [rows - 1, rows - 1],
      [columns - 1, columns - 1],
      [0, 0],
    ]);
    const [down, right] = [height + 2 * (rows - 1), width + 2 * (columns - 1)];
    const split = tf.reshape(around, [images, down, right * channels, multiplier]);
    // One for each channel that comes of one.
    const ofMultiple = (x: tf.Tensor, m: number) =>
      tf.slice(x as tf.Tensor4D, [0, 0, 0, m], [-1, -1, -1, 1]);
    const parts = Array.from({ length: multiplier }, (_, m) => {
      const part: tf.Tensor4D = tf.reshape(ofMultiple(split, m), [images, down, right, channels]);
      return tf.depthwiseConv2d(part, ofMultiple(turned, m), 1, 'valid');
    });
    const ofPadded = tf.addN(parts);
    const [, seenHeight, seenWidth] = ofPadded.shape as Shape4D;
    const [below, beside] = [paddedSize[0] - seenHeight, paddedSize[1] - seenWidth];
    const whole = tf.pad(ofPadded, [
      [0, 0],
      [0, below],
      [0, beside],
      [0, 0],
    ]) as tf.Tensor4D;
    return tf.slice(whole, [0, padding.top, padding.left, 0], inputShape);
  });
}
