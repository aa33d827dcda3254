import {
  add,
  broadcast_util,
  engine,
  FusedBatchNorm,
  type FusedBatchNormAttrs,
  type GradConfig,
  mul,
  reshape,
  rsqrt,
  sub,
  sum,
  type Tensor,
  tensor1d,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { hadOwnMoments } from '../kernels/batch-norm.ts';
import { canRun } from './can-run.ts';

/**
 * By one op of TensorFlow, where the stock gradient makes a dozen passes over the activation.
 *
 * With r = 1 / sqrt(variance + epsilon) and x^ = (x - mean) r: dscale = sum dy x^, doffset = sum dy, dx = dy scale r,
 * dmean = -scale r doffset, dvariance = -1/2 scale r^2 dscale. Where mean and variance are those of `x`, dx is
 * scale r (dy - mean(dy) - x^ mean(dy x^)), what flows back through them included, and nothing flows elsewhere.
 */
export const batchNormGradient: GradConfig = {
  kernelName: FusedBatchNorm,
  inputsToSave: ['x', 'mean', 'variance', 'scale'],
  gradFunc: (dy, saved, attrs) => {
    const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor];
    const { varianceEpsilon: epsilon } = attrs as unknown as FusedBatchNormAttrs;
    const training = hadOwnMoments(attrs);
    const isFused = mean.rank === 1 && x.dtype === 'float32' && canRun('FusedBatchNormGradV3');
    const inverse = () => rsqrt(add(variance, epsilon));
    const [dx, dscale, doffset] = isFused
      ? fused(dy as Tensor, [x, mean, variance, scale], { epsilon, training })
      : composed(dy as Tensor, [x, mean, scale], inverse());
    return {
      x: () => dx,
      scale: () => dscale,
      offset: () => doffset,
      mean: () => (training ? zerosLike(mean) : mul(mul(scale, inverse()), mul(doffset, -1))),
      variance: () => {
        if (training) return zerosLike(variance);
        const r = inverse();
        return mul(mul(scale, mul(r, r)), mul(dscale, -0.5));
      },
    };
  },
};

type Gradients = [dx: Tensor, dscale: Tensor, doffset: Tensor];

function fused(
  dy: Tensor,
  [x, reserve1, reserve2, scale]: readonly [Tensor, Tensor, Tensor, Tensor],
  attributes: { readonly epsilon: number; readonly training: boolean },
): Gradients {
  const inputs = { dy, x, scale, reserve1, reserve2, reserve3: tensor1d([], 'float32') };
  return engine().runKernel('FusedBatchNormGradV3', inputs, attributes) as unknown as Gradients;
}

/** For other backends, other shapes of the mean, and second derivatives. */
function composed(
  dy: Tensor,
  [x, mean, scale]: readonly [Tensor, Tensor, Tensor],
  inverse: Tensor,
): Gradients {
  const axes = broadcast_util.getReductionAxes(mean.shape, x.shape);
  const total = (values: Tensor) => reshape(sum(values, axes), mean.shape);
  const normalized = mul(sub(x, mean), inverse);
  return [mul(dy, mul(scale, inverse)), total(mul(dy, normalized)), total(dy)];
}
