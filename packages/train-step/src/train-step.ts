import type { Optimizer } from '@bag-of-tricks/optimizer';
import * as tf from '@tensorflow/tfjs-core';
import { applyNetwork } from './apply-network.ts';
import { type LossFunction, losses } from './losses.ts';
import type { Network } from './network.ts';
import { normalizeImages, type PixelStatistics } from './normalize-images.ts';
import type { TrickParts } from './parts.ts';
import { compose, type Metrics, type RawBatch } from './stages.ts';

/** What a step takes, by name: the batch, the learning rate, and what the tricks drew. */
export type TrainStepInputs = RawBatch & {
  readonly learningRate: tf.Scalar;
  readonly [draw: string]: tf.Tensor;
};

/** One update of the network: tensors in, tensors out; it reads no value. */
export type TrainStep = (inputs: TrainStepInputs) => Metrics;

/** What a step works with and on. */
export interface TrainStepParts {
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly numClasses: number;
  /** What the tricks add, innermost first. */
  readonly tricks?: readonly TrickParts[];
  /** Default: cross-entropy on soft targets. */
  readonly loss?: LossFunction;
  /** Statistics that pixels are normalised by; default: images are taken as they are. */
  readonly pixels?: PixelStatistics | undefined;
  /** What is done to the colours before they are normalised. Default: nothing. */
  readonly colorVariation?: {
    apply(images: tf.Tensor4D, colors: tf.Tensor2D): tf.Tensor4D;
  } | null;
}

/**
 * One training step: prepare the batch, score it, differentiate, update. Each of the four is a pure function that tricks may wrap.
 *
 * @example
 * ```ts
 * import { compile } from '@bag-of-tricks/graph';
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import { createTrainStep } from '@bag-of-tricks/train-step';
 * import { createNetwork, createOptimizer, parseConfig } from '@bag-of-tricks/trainer';
 *
 * await registerTensorFlowBackend();
 * const { optimizer: settings } = parseConfig({ dataset: 'synthetic' });
 * const options = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * const network = createNetwork('resnet20d', options);
 * const optimizer = createOptimizer(network.parameters, settings);
 * const pixels = { mean: [128, 128, 128], std: [40, 40, 40] };
 * const trainStep = createTrainStep({ network, optimizer, numClasses: 4, pixels });
 * const step = await compile(
 *   ({ images, labels, learningRate }) => {
 *     const { loss, top1 } = trainStep({ images, labels, learningRate });
 *     return { loss, top1 };
 *   },
 *   {
 *     inputs: {
 *       images: { shape: [null, 8, 8, 3], dtype: 'int32' },
 *       labels: { shape: [null], dtype: 'int32' },
 *       learningRate: { shape: [] },
 *     },
 *   },
 * );
 * const images = new Int32Array(4 * 8 * 8 * 3).fill(1);
 * console.log(await step.run({ images, labels: [0, 1, 2, 3], learningRate: 0.1 }));
 * ```
 */
export function createTrainStep({
  network,
  optimizer,
  numClasses,
  tricks = [],
  loss: lossOf = losses['cross-entropy'],
  pixels,
  colorVariation = null,
}: TrainStepParts): TrainStep {
  const parameters = Object.values(network.parameters);

  const prepare = compose('prepare', tricks, ({ images, labels, colors }) => {
    const varied =
      colorVariation && colors ? colorVariation.apply(tf.cast(images, 'float32'), colors) : images;
    return {
      images: pixels ? normalizeImages(varied, pixels) : varied,
      targets: tf.oneHot(labels, numClasses, 1, 0, 'float32') as tf.Tensor2D,
    };
  });

  const loss = compose('loss', tricks, ({ images, targets }) => () => {
    const logits = applyNetwork(network, images, { training: true, numClasses });
    return { loss: lossOf(targets, logits), logits };
  });

  const gradients = compose('gradients', tricks, (batch, at, seed) => {
    const example = prepare(batch, at);
    const score = loss(example, at);
    const seen: { loss?: tf.Scalar; top1?: tf.Scalar } = {};
    const { value, grads } = tf.variableGrads(() => {
      const { loss, logits } = score();
      // Kept, for what is made within is gone when the gradients are there.
      seen.top1 = tf.keep(shareOfHits(logits, example.targets));
      if (!seed) return loss;
      seen.loss = tf.keep(tf.clone(loss));
      return tf.mul(loss, seed);
    }, parameters);
    const metrics = { loss: tf.clone(seen.loss ?? value), top1: tf.clone(seen.top1!) };
    tf.dispose([seen.loss ?? [], seen.top1!]);
    return { gradients: grads, metrics };
  });

  const step = compose('step', tricks, (batch, at) => {
    const { gradients: computed, metrics } = gradients(batch, at);
    optimizer.applyGradients(computed, at.learningRate);
    return metrics;
  });

  return ({ images, labels, colors, learningRate, ...draws }) =>
    tf.tidy(() => step({ images, labels, ...(colors && { colors }) }, { learningRate, draws }));
}

function shareOfHits(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  // In float32, which has every class exactly: a GPU would compare whole numbers in host memory.
  const classOf = (scores: tf.Tensor2D) => tf.cast(tf.argMax(scores, 1), 'float32');
  return tf.mean(tf.cast(tf.equal(classOf(logits), classOf(targets)), 'float32'));
}
