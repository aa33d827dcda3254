import type { NesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import type { ResNet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainConfig } from '../config/schema.ts';
import { type DescentResult, type LossScaling } from './loss-scaling.ts';
import { type PixelStatistics } from './normalize.ts';
/** What changes from step to step. */
export interface TrainStepInputs {
    /** int32 pixels, `[batch, height, width, channels]`. */
    readonly images: tf.Tensor4D;
    /** int32 class indices, `[batch]`. */
    readonly labels: tf.Tensor1D;
    readonly learningRate: tf.Scalar;
    /** Mixing weight of mixup in [0, 1]; 1 leaves the batch as it is. */
    readonly lambda: tf.Scalar;
}
/** What a step gives back, as scalars. */
export type TrainStepOutputs = DescentResult & {
    /** Share of the batch whose highest logit is the target's highest class, in [0, 1]. */
    readonly top1: tf.Scalar;
};
/** One update of the model: tensors in, tensors out; it reads no value and draws no random number. */
export type TrainStep = (inputs: TrainStepInputs) => TrainStepOutputs;
/** What a step works with and on. */
export interface TrainStepParts {
    readonly model: ResNet;
    readonly teacher: ResNet | null;
    readonly optimizer: NesterovSgd;
    /** Null where small gradients need no help. */
    readonly lossScaling: LossScaling | null;
    readonly pixels: PixelStatistics;
    readonly numClasses: number;
    readonly config: Pick<TrainConfig, 'labelSmoothing' | 'mixup' | 'distillation'>;
}
/**
 * Compose the tricks into one training step, in the paper's order: normalise, smooth the labels, mix, forward in training mode,
 * cross-entropy (with the teacher's soft targets on the same mixed images), backward, Nesterov update.
 */
export declare function createTrainStep({ model, teacher, optimizer, lossScaling, pixels, numClasses, config, }: TrainStepParts): TrainStep;
//# sourceMappingURL=train-step.d.ts.map