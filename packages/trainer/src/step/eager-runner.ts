import { withRandom } from '@bag-of-tricks/graph';
import type { Batch } from '@bag-of-tricks/image-data';
import type { TrainStepInputs } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { explainMissingKernel } from './missing-kernel.ts';
import {
  type ImageShape,
  imagesOf,
  type Numbers,
  type Runner,
  type RunnerParts,
  type Scorer,
} from './runner.ts';
import { explainWasmMemory } from './wasm-memory.ts';

/** A batch as tensors, int32 but for features and colours, which a surrounding `tf.tidy` disposes. */
export function batchTensors(batch: Batch, imageShape: ImageShape) {
  const { labels, colors } = batch;
  const rows = labels.length;
  const { values, shape } = imagesOf(batch, imageShape);
  return {
    images: tf.tensor<tf.Rank.R4>(
      values,
      shape as [number, number, number, number],
      values instanceof Uint8Array ? 'int32' : 'float32',
    ),
    labels: tf.tensor1d(labels, 'int32'),
    ...(colors && { colors: tf.tensor2d(colors, [rows, colors.length / rows]) }),
  };
}

/**
 * Runs a function of tensors to named tensors, reads scalars as numbers and others as arrays, and frees everything it made.
 * Eager ops never leave the thread, so it then lets timers fire and signals such as Ctrl-C arrive.
 */
export async function readOutputs<Outputs extends object>(
  compute: () => Outputs,
): Promise<Numbers<Outputs>> {
  const outputs = tidily(compute as () => tf.NamedTensorMap);
  try {
    const entries = Object.entries(outputs).map(async ([name, tensor]) => {
      const values = await tensor.data();
      return [name, tensor.rank === 0 ? values[0]! : values] as const;
    });
    return Object.fromEntries(await Promise.all(entries)) as Numbers<Outputs>;
  } finally {
    tf.dispose(outputs);
    await new Promise(setImmediate);
  }
}

function tidily(compute: () => tf.NamedTensorMap): tf.NamedTensorMap {
  try {
    return tf.tidy(compute);
  } catch (error) {
    throw explainWasmMemory(explainMissingKernel(error));
  }
}

/** Scores op by op. */
export function eagerScorer({
  evalStep,
  imageShape,
}: Pick<RunnerParts, 'evalStep' | 'imageShape'>): Scorer {
  return {
    evaluate: (batch) => readOutputs(() => evalStep(batchTensors(batch, imageShape))),
    dispose: () => Promise.resolve(),
  };
}

/** Runs each op of a step as it comes: slower than the graph, but every tensor can be looked at. */
export function eagerRunner({ trainStep, random, ...parts }: RunnerParts): Runner {
  return {
    ...eagerScorer(parts),
    train: (batch, { learningRate, draws }) =>
      readOutputs(() => {
        const drawn = Object.entries(draws).map(([name, value]) => [name, tf.tensor(value)]);
        const inputs = {
          ...batchTensors(batch, parts.imageShape),
          learningRate: tf.scalar(learningRate),
          ...Object.fromEntries(drawn),
        } as TrainStepInputs;
        return withRandom(random, () => trainStep(inputs));
      }),
    assign: (change) => Promise.resolve(tf.tidy(change)),
    sync: () => Promise.resolve(),
  };
}
