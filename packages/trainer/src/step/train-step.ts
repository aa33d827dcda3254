import { distillationLoss } from '@bag-of-tricks/distill';
import { smoothLabels, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { mixup } from '@bag-of-tricks/mixup';
import type { NesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import type { ResNet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainConfig } from '../config/schema.ts';
import type { ColorVariation } from '../data/dataset.ts';
import { type DescentResult, descend, type LossScaling } from './loss-scaling.ts';
import { normalizeImages, type PixelStatistics } from './normalize.ts';

/** What changes from step to step. */
export interface TrainStepInputs {
  /** int32 pixels, `[batch, height, width, channels]`. */
  readonly images: tf.Tensor4D;
  /** int32 class indices, `[batch]`. */
  readonly labels: tf.Tensor1D;
  /** What was drawn for the colours of each image, where they vary. */
  readonly colors?: tf.Tensor2D;
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
  /** Null where colours stay as they are. */
  readonly colorVariation: ColorVariation | null;
  readonly numClasses: number;
  readonly config: Pick<TrainConfig, 'labelSmoothing' | 'mixup' | 'distillation'>;
}

/**
 * Compose the tricks into one training step, in the paper's order: vary the colours, normalise, smooth the labels, mix, forward in training mode,
 * cross-entropy (with the teacher's soft targets on the same mixed images), backward, Nesterov update.
 */
export function createTrainStep({
  model,
  teacher,
  optimizer,
  lossScaling,
  pixels,
  colorVariation,
  numClasses,
  config,
}: TrainStepParts): TrainStep {
  const { epsilon, form } = config.labelSmoothing ?? { epsilon: 0, form: 'uniform' };
  const parameters = Object.values(model.parameters);

  return ({ images, labels, colors, learningRate, lambda }) =>
    tf.tidy(() => {
      const varied =
        colorVariation && colors
          ? colorVariation.apply(tf.cast(images, 'float32'), colors)
          : images;
      const normalized = normalizeImages(varied, pixels);
      const targets = smoothLabels(labels, { epsilon, form, numClasses }) as tf.Tensor2D;
      const batch = config.mixup
        ? mixup(normalized, targets, { lambda })
        : { inputs: normalized, labels: targets };
      const teacherLogits = teacher?.apply(batch.inputs, { training: false });

      let logits: tf.Tensor2D | undefined;
      const loss = () => {
        logits = tf.keep(model.apply(batch.inputs, { training: true }));
        if (!teacherLogits || !config.distillation) {
          return softmaxCrossEntropy(batch.labels, logits);
        }
        const { temperature, form, hardWeight } = config.distillation;
        return distillationLoss(
          batch.labels,
          logits,
          teacherLogits,
          form === 'paper' ? { temperature, form } : { temperature, form, hardWeight },
        ).loss;
      };
      const update = (gradients: tf.NamedTensorMap) =>
        optimizer.applyGradients(gradients, learningRate);
      const descent = descend({ loss, parameters, update }, lossScaling);

      const hits = tf.equal(tf.argMax(logits!, 1), tf.argMax(batch.labels, 1));
      const top1 = tf.mean(tf.cast(hits, 'float32')) as tf.Scalar;
      logits!.dispose();
      return { ...descent, top1 };
    });
}
