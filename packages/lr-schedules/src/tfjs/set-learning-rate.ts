import type { Optimizer } from '@tensorflow/tfjs-core';

/** What tfjs's optimisers carry beside their public type: a setter (SGD, Momentum) or only the number (all others). */
interface LearningRateHolder {
  learningRate?: unknown;
  setLearningRate?: unknown;
}

/**
 * Sets the learning rate that a TensorFlow.js optimiser uses from its next update on.
 *
 * SGD and Momentum keep `-learningRate` in a tensor that their own setter replaces. Adam, Adamax, RMSProp, Adagrad and
 * Adadelta read the number at every update and have no setter: the number is replaced. Accumulated moments stay, no
 * tensor is left over.
 *
 * @param optimizer Any optimiser of `tf.train`, or one of your own that has a `setLearningRate(number)` method.
 * @param learningRate Learning rate, >= 0. At 0 the weights stand still.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cosineDecay } from '@bag-of-tricks/lr-schedules';
 * import { setLearningRate } from '@bag-of-tricks/lr-schedules/tfjs';
 *
 * const optimizer = tf.train.adam(0.001);
 * const schedule = cosineDecay({ peak: 0.001, steps: 1000 });
 * setLearningRate(optimizer, schedule(optimizer.iterations));
 * ```
 *
 * @throws RangeError when `learningRate` is negative or not finite.
 * @throws TypeError when the optimiser has neither the setter nor the number.
 */
export function setLearningRate(optimizer: Optimizer, learningRate: number): void {
  if (!(Number.isFinite(learningRate) && learningRate >= 0)) {
    throw new RangeError(
      `setLearningRate: expected learningRate to be a finite number >= 0, got ${learningRate}. Look at the schedule that gave it.`,
    );
  }
  const holder = optimizer as unknown as LearningRateHolder;
  if (typeof holder.setLearningRate === 'function') {
    holder.setLearningRate(learningRate);
  } else if (typeof holder.learningRate === 'number') {
    holder.learningRate = learningRate;
  } else {
    throw new TypeError(
      'setLearningRate: expected an optimiser of tf.train, got an object with neither a setLearningRate method nor a learningRate number. Give your own optimiser a setLearningRate(number) method.',
    );
  }
}
