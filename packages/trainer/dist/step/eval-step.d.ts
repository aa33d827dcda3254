import type { ResNet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import { type PixelStatistics } from './normalize.ts';
/** Sums over a batch, so that batches of different sizes add up. */
export type EvalStepOutputs = {
    readonly lossSum: tf.Scalar;
    readonly top1Count: tf.Scalar;
    readonly top5Count: tf.Scalar;
};
/** What a batch is scored on: int32 pixels `[batch, height, width, channels]` and int32 classes `[batch]`. */
export interface EvalStepInputs {
    readonly images: tf.Tensor4D;
    readonly labels: tf.Tensor1D;
}
/** Scores one batch: tensors in, tensors out; it reads no value. */
export type EvalStep = (inputs: EvalStepInputs) => EvalStepOutputs;
/** Cross-entropy against the true class, and how often it is among the first one and the first five. */
export declare function createEvalStep({ model, pixels, numClasses, }: {
    readonly model: ResNet;
    readonly pixels: PixelStatistics;
    readonly numClasses: number;
}): EvalStep;
//# sourceMappingURL=eval-step.d.ts.map