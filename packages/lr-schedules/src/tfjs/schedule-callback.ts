import type { Optimizer } from '@tensorflow/tfjs-core';
import type { Schedule } from '../schedule.ts';
import { setLearningRate } from './set-learning-rate.ts';

/** The one hook that is used, in the shape that `LayersModel.fit` and `fitDataset` take as `callbacks`. */
export interface ScheduleCallback {
  onBatchBegin(): void;
}

/**
 * Follows a schedule during `LayersModel.fit`: sets the learning rate before every batch.
 *
 * `step = optimizer.iterations`, the updates that this optimiser has made: it goes on over epochs and over several
 * calls of `fit`, and comes back with `optimizer.setWeights`.
 *
 * @param schedule Any function of the step.
 * @param optimizer The optimiser that the model was compiled with, `model.optimizer`.
 *
 * @example
 * ```ts no-run
 * import * as tf from '@tensorflow/tfjs';
 * import { cosineDecay } from '@bag-of-tricks/lr-schedules';
 * import { scheduleCallback } from '@bag-of-tricks/lr-schedules/tfjs';
 *
 * declare const model: tf.LayersModel, images: tf.Tensor, labels: tf.Tensor;
 * const schedule = cosineDecay({ peak: 0.1, steps: 1000 });
 * await model.fit(images, labels, { callbacks: scheduleCallback(schedule, model.optimizer) });
 * ```
 *
 * @throws RangeError or TypeError from `setLearningRate`, at the batch where it happens.
 */
export function scheduleCallback(schedule: Schedule, optimizer: Optimizer): ScheduleCallback {
  return {
    onBatchBegin: () => setLearningRate(optimizer, schedule(optimizer.iterations)),
  };
}
