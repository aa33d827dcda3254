import {
  checkNotNegative,
  checkNumberOrScalar,
  type NumberOrScalar,
} from '@bag-of-tricks/optimizer';
import * as tf from '@tensorflow/tfjs-core';

/** One kernel in place of the last three lines, where there is one: `@bag-of-tricks/graph` makes it an op that updates in place. */
const FUSED_KERNEL = 'NesterovMomentum';

export interface NesterovUpdateOptions {
  /** Share of the velocity that survives a step, 0 <= momentum < 1. Default 0.9. */
  readonly momentum?: NumberOrScalar;
  /** Strength of the L2 penalty inside the gradient, >= 0. Default 1e-4; the number 0 skips the operation. */
  readonly weightDecay?: NumberOrScalar;
}

export interface NesterovUpdateResult {
  readonly weight: tf.Tensor;
  readonly velocity: tf.Tensor;
}

/** Throws unless 0 <= momentum < 1. */
export function checkMomentum(caller: string, momentum: number): void {
  if (!(momentum >= 0 && momentum < 1)) {
    throw new RangeError(
      `${caller}: expected 0 <= momentum < 1, got ${momentum}. The paper uses 0.9.`,
    );
  }
}

/**
 * One step of Nesterov accelerated gradient with coupled weight decay, as in He et al. 2019, section 2.1.
 *
 * ```
 * g := gradient + weightDecay * w
 * v := momentum * v + g
 * w := w - learningRate * (g + momentum * v)
 * ```
 *
 * `weight`, `velocity` and `gradient` have one shape, float32; velocity starts at zero. `learningRate` (>= 0),
 * `momentum` and `weightDecay` are numbers or float32 scalar tensors; tensors are not read, so a graph compiler can make them inputs.
 * The inputs are left alone, the two results belong to the caller.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { nesterovUpdate } from '@bag-of-tricks/nesterov-sgd';
 *
 * const weight = tf.tensor1d([1, 2]);
 * const gradient = tf.tensor1d([0.5, -0.5]);
 * const next = nesterovUpdate(weight, tf.zerosLike(weight), gradient, 0.1, { weightDecay: 0 });
 * next.weight.print(); // [0.905, 2.095]
 * ```
 *
 * Where implementations differ: this is PyTorch's `SGD(nesterov=True)`. Sutskever's form, which Keras and tfjs's
 * `tf.train.momentum(lr, m, true)` follow, keeps the learning rate inside the velocity, so it
 * differs as soon as the learning rate changes.
 *
 * @throws RangeError for a hyper-parameter out of range, TypeError for a learning rate that is no scalar, Error when shapes differ.
 */
export function nesterovUpdate(
  weight: tf.Tensor,
  velocity: tf.Tensor,
  gradient: tf.Tensor,
  learningRate: NumberOrScalar,
  { momentum = 0.9, weightDecay = 1e-4 }: NesterovUpdateOptions = {},
): NesterovUpdateResult {
  checkNumberOrScalar('nesterovUpdate', 'learningRate', learningRate);
  if (typeof momentum === 'number') checkMomentum('nesterovUpdate', momentum);
  if (typeof weightDecay === 'number')
    checkNotNegative('nesterovUpdate', 'weightDecay', weightDecay);
  // Broadcasting would hide a wrong shape: a gradient of [1] would move every weight.
  for (const [name, tensor] of Object.entries({ velocity, gradient })) {
    if (!tf.util.arraysEqual(tensor.shape, weight.shape)) {
      throw new Error(
        `nesterovUpdate: expected ${name} of shape [${weight.shape}], the weight's, got [${tensor.shape}]. Pass the tensors of one variable.`,
      );
    }
  }
  return tf.tidy(() => {
    const g = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, weightDecay));
    if (tf.getKernel(FUSED_KERNEL, tf.getBackend())) {
      return updateFused(weight, velocity, g, scalar(learningRate), scalar(momentum));
    }
    const v = tf.add(tf.mul(velocity, momentum), g);
    const step = tf.mul(tf.add(g, tf.mul(v, momentum)), learningRate);
    return { weight: tf.sub(weight, step), velocity: v };
  });
}

function updateFused(
  weight: tf.Tensor,
  velocity: tf.Tensor,
  gradient: tf.Tensor,
  learningRate: tf.Scalar,
  momentum: tf.Scalar,
) {
  const inputs = { weight, velocity, gradient, learningRate, momentum };
  const outputs: unknown = tf.engine().runKernel(FUSED_KERNEL, inputs);
  const [nextWeight, nextVelocity] = outputs as [tf.Tensor, tf.Tensor];
  return { weight: nextWeight, velocity: nextVelocity };
}

function scalar(value: NumberOrScalar): tf.Scalar {
  return typeof value === 'number' ? tf.scalar(value) : value;
}
