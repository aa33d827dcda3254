import { type Batch, type Dataset, imageDataset, imagesInMemory } from '@bag-of-tricks/image-data';
import { seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs';

const side = 8;
const classNames = ['a', 'b', 'c', 'd'];
const traits = { imageShape: [side, side, 1], classNames, mean: [60], std: [50] } as const;

/** Noise with the quarter of its class in a lighter grey: easy to learn, and to compute in a moment. */
function images(count: number, seed: number): { pixels: Uint8Array; labels: number[] } {
  const random = seededRandom(seed);
  const labels = Array.from({ length: count }, (_, i) => i % 4);
  const pixels = Uint8Array.from({ length: count * side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side) % side];
    const quarter = (x < side / 2 ? 0 : 1) + (y < side / 2 ? 0 : 2);
    const isLight = quarter === labels[Math.floor(i / (side * side))];
    return Math.floor(80 * random()) + (isLight ? 60 : 0);
  });
  return { pixels, labels };
}

const sourceOf = (name: string, count: number, seed: number) => {
  const { pixels, labels } = images(count, seed);
  const shape = { height: side, width: side, channels: 1 } as const;
  return imagesInMemory({ ...{ name, classNames, labels, ...shape }, images: pixels });
};

/** Images in memory, read by the loader. */
export const smallDataset = (): Promise<Dataset> =>
  imageDataset({
    ...{ train: sourceOf('train', 32, 1), eval: sourceOf('eval', 20, 2), name: 'quarters' },
    ...{ imageSize: side, channels: 1, mean: traits.mean, std: traits.std },
    ...{ crop: 'pad', cropPadding: 1, flip: false },
  });

/** A dataset of one's own: the same four batches of eight in every epoch. */
export function ownBatches(): Dataset & { readonly batches: readonly Batch[] } {
  const cut = (count: number, seed: number): Batch[] => {
    const { pixels, labels } = images(count, seed);
    return Array.from({ length: count / 8 }, (_, i) => ({
      images: pixels.subarray(i * 8 * side * side, (i + 1) * 8 * side * side),
      labels: Int32Array.from(labels.slice(i * 8, i * 8 + 8)),
      size: 8,
    }));
  };
  const [batches, evaluation] = [cut(32, 1), cut(16, 2)];
  return {
    ...{ ...traits, name: 'mine', trainSize: 32, evalSize: 16, colorVariation: null, batches },
    trainBatches: ({ firstStep, stepsPerEpoch }) => batches.slice(firstStep, stepsPerEpoch),
    evalBatches: () => evaluation,
    close: () => Promise.reject(new Error('it stays mine')),
  };
}

/** Options of `smallModel`. */
export interface SmallModelOptions {
  /** How the probabilities are made; null: the model returns logits. */
  readonly softmax?: 'activation' | 'layer' | null;
  readonly dropout?: number;
  readonly batchNorm?: boolean;
}

/** A `tf.layers` classifier of the images above, always with the same first weights. */
export function smallModel({
  softmax = 'activation',
  dropout = 0.25,
  batchNorm = true,
}: SmallModelOptions = {}): tf.Sequential {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const model = tf.sequential({ name: 'small' });
  const conv = { filters: 6, kernelSize: 3, strides: 2, kernelInitializer, name: 'conv' } as const;
  model.add(tf.layers.conv2d({ ...conv, inputShape: [side, side, 1], activation: 'relu' }));
  if (batchNorm) model.add(tf.layers.batchNormalization({ name: 'bn' }));
  if (dropout > 0) model.add(tf.layers.dropout({ rate: dropout, name: 'dropout' }));
  model.add(tf.layers.flatten({ name: 'flatten' }));
  const dense = { units: 4, kernelInitializer, name: 'dense' };
  if (softmax === 'activation') model.add(tf.layers.dense({ ...dense, activation: 'softmax' }));
  else model.add(tf.layers.dense(dense));
  if (softmax === 'layer') model.add(tf.layers.softmax({ name: 'softmax' }));
  return model;
}
