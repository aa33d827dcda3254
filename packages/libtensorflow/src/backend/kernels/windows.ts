import * as tf from '@tensorflow/tfjs-core';

type Info = tf.backend_util.Conv2DInfo | tf.backend_util.Conv3DInfo;

/** The windows along one axis of an image. */
interface Axis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly count: number;
  /** Elements of padding that the windows reach into at each end. */
  readonly before: number;
  readonly after: number;
}

/** The windows of a pool or a convolution, on an input that is padded as the caller says and counted as tfjs counts. */
export class Windows {
  readonly #firstAxis: number;
  readonly #axes: readonly Axis[];
  readonly #shape: readonly number[];
  readonly #padding: string;

  /** `dy` tells the number of windows, where it is given: tfjs's gradients do not pass the rounding mode on. */
  constructor(info: Info, dy?: tf.TensorInfo) {
    this.#shape = info.inShape;
    this.#padding = info.padInfo.type;
    this.#firstAxis = info.dataFormat === 'channelsFirst' ? 2 : 1;
    this.#axes = axesOf(info, dy?.shape.slice(this.#firstAxis));
  }

  /** Whether TensorFlow's SAME or VALID makes them. */
  get areNative(): boolean {
    if (this.#padding !== 'VALID') return this.#padding === 'SAME';
    return this.#axes.every(({ after, count }) => after === 0 && count > 0);
  }

  get areNone(): boolean {
    return this.#axes.some(({ count }) => count === 0);
  }

  /** How many there are along each axis; for a pool, the shape of the output. */
  get counts(): number[] {
    return this.#shape.map((size, i) => this.#axis(i)?.count ?? size);
  }

  /** tfjs's explicit padding: a pair for each axis. */
  get paddings(): [number, number][] {
    return this.#shape.map((_, i) => {
      const { before, after } = this.#axis(i) ?? { before: 0, after: 0 };
      return [before, after];
    });
  }

  get paddedShape(): number[] {
    return this.paddings.map(([before, after], i) => before + this.#shape[i]! + after);
  }

  pad(x: tf.TensorInfo, value: number): tf.Tensor {
    return tf.pad(x as tf.Tensor, this.paddings, value);
  }

  /** Cuts the padding off. */
  unpad(x: tf.Tensor): tf.Tensor {
    return tf.slice(
      x,
      this.paddings.map(([before]) => before),
      [...this.#shape],
    );
  }

  /** What makes an average over whole windows one over their elements that are no padding. */
  averageFactors(): tf.Tensor {
    return this.#axes
      .map((axis, i) => {
        const shape = this.#shape.map((_, j) => (j === this.#firstAxis + i ? axis.count : 1));
        const factors = Array.from(
          { length: axis.count },
          (_, index) => axis.window / Math.max(1, elements(axis, index)),
        );
        return tf.tensor(factors, shape);
      })
      .reduce((product, factor) => tf.mul(product, factor));
  }

  #axis(i: number): Axis | undefined {
    return this.#axes[i - this.#firstAxis];
  }
}

/** The elements of a window that are no padding. */
function elements({ size, window, stride, before }: Axis, index: number): number {
  const start = index * stride - before;
  return Math.min(size, start + window) - Math.max(0, start);
}

function axesOf(info: Info, counts: readonly number[] = []): Axis[] {
  const { padInfo } = info;
  // Length of the image, window, stride, number of windows, padding before.
  const axes = [
    [info.inHeight, info.effectiveFilterHeight, info.strideHeight, info.outHeight, padInfo.top],
    [info.inWidth, info.effectiveFilterWidth, info.strideWidth, info.outWidth, padInfo.left],
  ];
  if ('inDepth' in info) {
    const { inDepth, effectiveFilterDepth, strideDepth, outDepth } = info;
    axes.unshift([inDepth, effectiveFilterDepth, strideDepth, outDepth, info.padInfo.front]);
  }
  return axes.map(([size, window, stride, outputs, padding], i): Axis => {
    const axis = { size: size!, window: window!, stride: stride!, count: counts[i] ?? outputs! };
    // tfjs counts SAME as TensorFlow does.
    if (padInfo.type === 'SAME') return { ...axis, before: 0, after: 0 };
    const reach = (axis.count - 1) * axis.stride + axis.window - padding!;
    return { ...axis, before: padding!, after: Math.max(0, reach - axis.size) };
  });
}
