/** A batch norm in evaluation, channel by channel. */
export interface BatchNorm {
  readonly gamma: ArrayLike<number>;
  readonly beta: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
  readonly epsilon: number;
}

/** What is multiplied with each channel of a value, and added to it, in float64. */
export interface Affine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/**
 * What a batch norm multiplies and adds:
 *
 * ```
 * scale = gamma / sqrt(variance + epsilon)      offset = beta - scale * mean
 * ```
 */
export function affineOf({ gamma, beta, mean, variance, epsilon }: BatchNorm): Affine {
  const scale = Float64Array.from(gamma, (one, c) => one / Math.sqrt(variance[c]! + epsilon));
  return { scale, offset: scale.map((one, c) => beta[c]! - one * mean[c]!) };
}

/**
 * The convolution that does what one without bias and its batch norm do, rounded once: `kernel' = scale * kernel`, `bias' = offset`.
 *
 * @param kernel Of as many equal parts as there are channels, as PyTorch lays it out: [outputs, inputs, height, width].
 */
export function foldBatchNorm(
  kernel: ArrayLike<number>,
  norm: BatchNorm,
): { readonly kernel: Float32Array; readonly bias: Float32Array } {
  const { scale, offset } = affineOf(norm);
  const perChannel = kernel.length / scale.length;
  const folded = Float32Array.from(
    kernel,
    (value, i) => value * scale[Math.floor(i / perChannel)]!,
  );
  return { kernel: folded, bias: Float32Array.from(offset) };
}
