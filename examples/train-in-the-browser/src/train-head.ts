import { smoothLabels, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { cosineDecay, withWarmup } from '@bag-of-tricks/lr-schedules';
import { mixup } from '@bag-of-tricks/mixup';
import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { permutation, type Random, seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';

/** A dense layer: logits = features weights + bias. */
export interface Head {
  /** `[width, classes]`. */
  readonly weights: tf.Tensor2D;
  /** `[classes]`. */
  readonly bias: tf.Tensor1D;
}

export interface Training {
  /** Steps made, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Of all pictures as they are, neither smoothed nor mixed. */
  readonly loss: number;
  /** The share of all pictures whose class is the most probable one. */
  readonly accuracy: number;
}

export interface HeadOptions {
  readonly seed: number;
  /** Default: 200, a tenth of which warm up. */
  readonly steps?: number;
  /** Pictures of a step. Default: 32. */
  readonly batchSize?: number;
  /** Called every tenth step, and waited for. */
  readonly onStep?: (training: Training) => unknown;
}

/**
 * Trains a dense layer on the features of pictures, each class's in a list: smoothed labels, mixup of features, Nesterov momentum without
 * decay of the bias, and a warmup before a cosine. Features are moved and scaled to a mean of 0 and a mean square length of 1 first, so that
 * one learning rate fits every network; the head undoes it. The head is the caller's.
 *
 * @throws Error when the loss is not finite.
 */
export async function trainHead(
  examples: readonly (readonly Float32Array[])[],
  { seed, steps = 200, batchSize = 32, onStep }: HeadOptions,
): Promise<Head> {
  const numClasses = examples.length;
  const { center, scale, inputs } = tf.tidy(() => normalized(examples.flat()));
  const classes = examples.flatMap((pictures, label) => pictures.map(() => label));
  const labels = tf.tensor1d(classes, 'int32');
  const weights = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R2>([inputs.shape[1], numClasses])));
  const bias = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([numClasses])));
  const optimizer = nesterovSgd(noBiasDecay({ weights, bias }, { weightDecay: 1e-4 }));
  const warmup = Math.ceil(steps / 10);
  const schedule = withWarmup(cosineDecay({ peak: 1, steps: steps - warmup }), { steps: warmup });
  const random = seededRandom(seed, 'mixup');
  const batches = batchesOf(inputs.shape[0], batchSize, seededRandom(seed, 'order'));

  const logits = (x: tf.Tensor2D) => tf.add(tf.matMul(x, weights), bias) as tf.Tensor2D;
  const update = (step: number) => {
    const batch = batches.next().value as Int32Array;
    const smoothed = smoothLabels(tf.gather(labels, batch), { epsilon: 0.1, numClasses });
    const mixed = mixup(tf.gather(inputs, batch), smoothed, { alpha: 0.2, random });
    const loss = () => softmaxCrossEntropy(mixed.labels, logits(mixed.inputs));
    optimizer.minimize(loss, schedule(step));
  };
  /** Of all pictures. */
  const lossAndAccuracy = () => {
    const z = logits(inputs);
    const isRight = tf.equal(tf.argMax(z, 1), labels);
    return tf.stack([softmaxCrossEntropy(labels, z), tf.mean(tf.cast(isRight, 'float32'))]);
  };
  try {
    for (let step = 0; step < steps; step++) {
      tf.tidy(() => update(step));
      if (step % 10 !== 9 && step !== steps - 1) continue;
      const told = tf.tidy(lossAndAccuracy);
      const [loss, accuracy] = await told.data<'float32'>().finally(() => told.dispose());
      if (!Number.isFinite(loss)) {
        throw new Error(`trainHead: expected a finite loss, got ${loss} in step ${step + 1}.`);
      }
      await onStep?.({ step: step + 1, steps, loss: loss!, accuracy: accuracy! });
    }
    return tf.tidy(() => {
      const own = tf.div(weights, scale) as tf.Tensor2D;
      return { weights: own, bias: tf.sub(bias, tf.dot(center, own)) as tf.Tensor1D };
    });
  } finally {
    optimizer.dispose();
    tf.dispose([center, scale, inputs, labels, weights, bias]);
  }
}

function normalized(rows: readonly Float32Array[]) {
  const features = tf.stack(rows.map((row) => tf.tensor1d(row)));
  const center = tf.mean(features, 0) as tf.Tensor1D;
  const moved = tf.sub(features, center) as tf.Tensor2D;
  // Where all pictures are the same there is nothing to scale.
  const scale = tf.maximum(tf.sqrt(tf.mean(tf.sum(tf.square(moved), 1))), 1e-6);
  return { center, scale, inputs: tf.div(moved, scale) as tf.Tensor2D };
}

/** Without end, each time in another order. */
function* batchesOf(count: number, size: number, random: Random): Generator<Int32Array> {
  for (;;) {
    const order = permutation(count, random);
    for (let at = 0; at < count; at += size) yield order.subarray(at, at + size);
  }
}

/** The probabilities of the classes for the features of one picture. */
export async function predict({ weights, bias }: Head, features: Float32Array): Promise<number[]> {
  const probabilities = tf.tidy(() =>
    tf.softmax(tf.add(tf.dot(tf.tensor1d(features), weights), bias)),
  );
  return Array.from(await probabilities.data().finally(() => probabilities.dispose()));
}
