import * as tf from '@tensorflow/tfjs-core';

/**
 * Whether TensorFlow's `same` puts `kernelSize >> 1` on both sides, as PyTorch is told to: true for stride 1 and for odd
 * sizes, false for an even size at stride 2, where `same` pads less on the left and would shift the network by a pixel.
 */
export function sameIsSymmetric(size: number, kernelSize: number, stride: number): boolean {
  return samePadding(size, kernelSize, stride) === 2 * (kernelSize >> 1);
}

/** How many zeros TensorFlow's `same` puts on both sides of an axis together: half of them on each, the odd one behind. */
export function samePadding(size: number, kernelSize: number, stride: number): number {
  return Math.max((Math.ceil(size / stride) - 1) * stride + kernelSize - size, 0);
}

function padded(
  x: tf.Tensor4D,
  kernelSize: number,
  stride: number,
): [tf.Tensor4D, 'same' | 'valid'] {
  const [, height, width] = x.shape;
  // `same` needs no padded copy, so it is taken wherever it means the same.
  if (sameIsSymmetric(height, kernelSize, stride) && sameIsSymmetric(width, kernelSize, stride)) {
    return [x, 'same'];
  }
  const side: [number, number] = [kernelSize >> 1, kernelSize >> 1];
  return [side[0] === 0 ? x : tf.pad(x, [[0, 0], side, side, [0, 0]]), 'valid'];
}

/** `symmetric`: `kernelSize >> 1` zeros on every side, as PyTorch is told to. `same`: TensorFlow's. */
export type Padding = 'symmetric' | 'same';

export interface ConvolutionOptions {
  readonly stride: number;
  /** Default 1. As many as the input has channels: a depthwise convolution. */
  readonly groups?: number | undefined;
  /** Default `'symmetric'`. */
  readonly padding?: Padding | undefined;
}

/**
 * A convolution whose kernel is [height, width, inputChannels / groups, outputChannels], with zeros around the image.
 * Call it inside `tf.tidy`.
 */
export function convolution(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { stride, groups = 1, padding = 'symmetric' }: ConvolutionOptions,
): tf.Tensor4D {
  const [height, width, inputs, outputs] = kernel.shape;
  if (groups > 1 && inputs === 1) {
    const filter = tf.reshape(kernel, [height, width, groups, outputs / groups]);
    return depthwise(x, filter as tf.Tensor4D, stride, padding);
  }
  const [input, pad] = padding === 'same' ? [x, padding] : padded(x, height, stride);
  if (groups === 1) return tf.conv2d(input, kernel, stride, pad);
  if (tf.getKernel(GROUPED_KERNEL, tf.getBackend())) {
    const attributes = { strides: stride, pad, dataFormat: 'NHWC', dilations: 1 };
    return tf.engine().runKernel(GROUPED_KERNEL, { x: input, filter: kernel }, attributes);
  }
  return inBundles(input, kernel, groups, (part, dense) => tf.conv2d(part, dense, stride, pad));
}

/**
 * With a row and a column of zeros behind the filter, `same` is symmetric at an even size and stride 2 too: the larger filter takes half
 * the time of a padded copy of the images (bench/NOTES.md).
 */
function depthwise(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  padding: Padding,
): tf.Tensor4D {
  if (padding === 'same') return tf.depthwiseConv2d(x, filter, stride, padding);
  const [kernelSize] = filter.shape;
  const sizes = [x.shape[1], x.shape[2]];
  const zeros = sizes.map((size) => (sameIsSymmetric(size, kernelSize, stride) ? 0 : 1));
  const isSymmetric = sizes.every(
    (size, axis) => samePadding(size, kernelSize + zeros[axis]!, stride) === 2 * (kernelSize >> 1),
  );
  if (!isSymmetric) {
    const [input, pad] = padded(x, kernelSize, stride);
    return tf.depthwiseConv2d(input, filter, stride, pad);
  }
  const [down, right] = zeros as [number, number];
  const larger =
    down + right === 0
      ? filter
      : tf.pad(filter, [
          [0, down],
          [0, right],
          [0, 0],
          [0, 0],
        ]);
  return tf.depthwiseConv2d(x, larger, stride, 'same');
}

/** Where the backend has it: `@bag-of-tricks/libtensorflow` registers it together with its gradient. */
const GROUPED_KERNEL = 'GroupedConv2D';

/** So many channels at least fill a dense convolution: fewer take as long. */
const BUNDLE = 64;

/** In how many dense convolutions of equal size a grouped one is computed where there are no grouped ones. */
export function denseBundles(channels: number, groups: number): number {
  let bundles = Math.max(1, Math.floor(channels / BUNDLE));
  while (groups % bundles !== 0) bundles--;
  return bundles;
}

/** TensorFlow.js has no grouped convolution: as many groups as fill a dense one are computed by one, whose kernel is 0 between groups. */
function inBundles(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  groups: number,
  convolve: (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  const bundles = denseBundles(x.shape[3], groups);
  if (bundles === 1) return convolve(x, blockDiagonal(kernel, groups));
  const kernels = tf.split<tf.Tensor4D>(kernel, bundles, 3);
  const parts = tf
    .split<tf.Tensor4D>(x, bundles, 3)
    .map((part, i) => convolve(part, blockDiagonal(kernels[i]!, groups / bundles)));
  return tf.concat(parts, 3);
}

/** The kernel of all channels that does what a grouped one does: zeros between channels of different groups. */
function blockDiagonal(kernel: tf.Tensor4D, groups: number): tf.Tensor4D {
  if (groups === 1) return kernel;
  const [height, width, inputs, outputs] = kernel.shape;
  const ofOutput = Array.from({ length: outputs }, (_, o) => Math.floor((o * groups) / outputs));
  const mask = tf.reshape(tf.oneHot(ofOutput, groups, 1, 0, 'float32'), [outputs, groups]);
  const blocks = tf.mul(
    tf.reshape(kernel, [height * width, 1, inputs, outputs]),
    tf.reshape(tf.transpose(mask), [1, groups, 1, outputs]),
  );
  return tf.reshape(blocks, [height, width, groups * inputs, outputs]);
}

/** 3x3 max pool, stride 2, padding 1, of values that are not negative: there a border of zeros changes no maximum. */
export function maxPoolAfterRelu(x: tf.Tensor4D): tf.Tensor4D {
  const [input, pad] = padded(x, 3, 2);
  return tf.maxPool(input, 3, 2, pad);
}

function repeatLast(x: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const begin: [number, number, number, number] = [0, 0, 0, 0];
  const size: [number, number, number, number] = [...x.shape];
  begin[axis] = x.shape[axis] - 1;
  size[axis] = 1;
  return tf.concat([x, tf.slice(x, begin, size)], axis);
}

/**
 * 2x2 average pool, stride 2, in ceil mode with pads not counted. At an odd size the last row or column is repeated:
 * the mean of a value with itself is that value. TensorFlow.js's `same` has the same forward pass, but the gradient of its
 * `cpu` backend divides by four at the border too.
 */
export function averagePool(x: tf.Tensor4D): tf.Tensor4D {
  let input = x;
  if (x.shape[1] % 2 === 1) input = repeatLast(input, 1);
  if (x.shape[2] % 2 === 1) input = repeatLast(input, 2);
  return tf.avgPool(input, 2, 2, 'valid');
}
