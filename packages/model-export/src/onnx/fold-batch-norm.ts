/** What a batch norm multiplies and adds, channel by channel, in evaluation. */
export interface BatchNorm {
  readonly gamma: ArrayLike<number>;
  readonly beta: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
  readonly epsilon: number;
}

/**
 * The convolution that does what one without bias and its batch norm do, in float64 and then rounded once:
 *
 * ```
 * s = gamma / sqrt(variance + epsilon)      kernel' = s * kernel      bias' = beta - s * mean
 * ```
 *
 * @param kernel Of as many equal parts as there are channels, as PyTorch lays it out: [outputs, inputs, height, width].
 */
export function foldBatchNorm(
  kernel: ArrayLike<number>,
  { gamma, beta, mean, variance, epsilon }: BatchNorm,
): { readonly kernel: Float32Array; readonly bias: Float32Array } {
  const channels = gamma.length;
  const perChannel = kernel.length / channels;
  const scale = Float64Array.from(
    { length: channels },
    (_, c) => gamma[c]! / Math.sqrt(variance[c]! + epsilon),
  );
  const folded = new Float32Array(kernel.length);
  for (let i = 0; i < kernel.length; i++) {
    folded[i] = kernel[i]! * scale[Math.floor(i / perChannel)]!;
  }
  const bias = Float32Array.from(scale, (s, c) => beta[c]! - s * mean[c]!);
  return { kernel: folded, bias };
}
