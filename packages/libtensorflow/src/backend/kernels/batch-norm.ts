import { clone, engine, fill, type KernelConfig, type Tensor } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';
import { areOwnMoments, type Normalized } from './own-moments.ts';

/** The attributes of calls that were given the moments of their own input. */
const callsWithOwnMoments = new WeakSet<object>();

/** Whether mean and variance of a batch normalisation, named by the attributes of its call, follow from its input. */
export function hadOwnMoments(attributes: object | undefined): boolean {
  return attributes !== undefined && callsWithOwnMoments.has(attributes);
}

/**
 * tfjs-node's kernel of `tf.batchNorm`, which knows training when it sees it: mean and variance are the batch's own.
 *
 * Then the tape gets a mean and a variance that depend on nothing, and the gradient by `x` is all of it (gradients/batch-norm.ts), so
 * that nothing flows back through `tf.moments`. In a graph the op computes the moments too, and whoever reads them reads its.
 */
export function trainingBatchNormKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const inputs = call.inputs as unknown as Record<
        keyof Normalized | 'scale' | 'offset',
        Tensor
      >;
      const native = call.backend as NodeBackend;
      // On a GPU the reserves of TensorFlow's op are others than the moments.
      const isTraining = !native.binding.isUsingGpuDevice() && areOwnMoments(inputs);
      // The tape cannot save what is not there, and TensorFlow's op wants both.
      if (isTraining || engine().state.gradientDepth > 0) {
        const channels = [inputs.x.shape[3]!];
        inputs.scale ??= fill(channels, 1);
        inputs.offset ??= fill(channels, 0);
      }
      if (!isTraining) return stock.kernelFunc(call);
      callsWithOwnMoments.add(call.attrs!);
      if (native.binding.redirect === undefined) {
        const y = stock.kernelFunc(call);
        inputs.mean = clone(inputs.mean);
        inputs.variance = clone(inputs.variance);
        return y;
      }
      const [y, , , mean, variance] = trainingOutputs(
        inputs,
        call.attrs!.varianceEpsilon as number,
      );
      redirect(native, inputs.mean, mean!);
      redirect(native, inputs.variance, variance!);
      inputs.mean = mean!;
      inputs.variance = variance!;
      return y!;
    },
  };
}

/** y, the mean, the unbiased variance, the mean, the variance as `tf.moments` has it, and something for a GPU. */
function trainingOutputs(
  { x, scale, offset }: Record<'x' | 'scale' | 'offset', Tensor>,
  epsilon: number,
): Tensor[] {
  const attributes = { epsilon, training: true };
  return engine().runKernel('FusedBatchNormV3', { x, scale, offset }, attributes) as Tensor[];
}

/** From now on whoever reads `from` in the graph reads `to`. */
function redirect(native: NodeBackend, from: Tensor, to: Tensor): void {
  const [id, target] = native.getInputTensorIds([from, to]);
  native.binding.redirect!(id!, target!);
}
