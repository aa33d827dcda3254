import type { InferenceDescription } from '@bag-of-tricks/classifier';
import { seededRandom } from '@bag-of-tricks/random';
import { inferLogits } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import type { ExportedModel } from './export-model.ts';

/** How far what was written is from the network. */
export interface Deviation {
  /** The greatest difference of a probability. */
  readonly probability: number;
  /** The share of pictures whose most probable class is the same: top-1 changes by no more than the rest. */
  readonly sameTop1: number;
  /** How many were compared. */
  readonly pictures: number;
}

/** Pictures [count, size, size, channels], 0..255. */
interface Batch {
  readonly values: Float32Array;
  readonly shape: [number, number, number, number];
}

/** Pictures with the network's probabilities, to compare other forms of it with. */
export interface Probe {
  /** Compares what `infer` returns of each batch of pictures, [count, classes]. */
  compare(infer: (batch: Batch) => Promise<Float32Array>): Promise<Deviation>;
}

/** Pictures that are made up are so many squares a side: noise of single pixels looks the same to most networks. */
const [madeUp, squares] = [4, 8];
const batchSize = 32;

/** Whole pictures, uint8 [count, size, size, channels], at once or as many together as come. */
export type ProbePictures = Uint8Array | AsyncIterable<Uint8Array>;

/** Options of `probeOf`. */
interface ProbeOptions {
  /** Pictures to compare on, which are read batch by batch. Default: four made up. */
  readonly images?: ProbePictures | undefined;
  /** Told what is computed; not where pictures are read, for whoever reads them knows how far it is. */
  readonly onProgress?: ((message: string) => void) | undefined;
}

export function probeOf(
  { network, description }: ExportedModel,
  { images: pictures, onProgress }: ProbeOptions = {},
): Probe {
  const tell = pictures ? undefined : onProgress;
  const { classNames, mean, std } = description;
  const numClasses = classNames.length;
  const expected = (batch: Batch) => {
    const probabilities = tf.tidy(() => {
      const images = tf.tensor4d(batch.values, batch.shape);
      const logits = inferLogits({ network, numClasses, pixels: { mean, std } }, images);
      return tf.softmax(logits).dataSync<'float32'>();
    });
    const wrong = probabilities.find((one) => !Number.isFinite(one));
    if (wrong === undefined) return probabilities;
    throw new Error(
      `exportModel: expected finite probabilities of ${network.name}, got ${wrong}. Export other weights`,
    );
  };
  return {
    async compare(infer) {
      const sum = { probability: 0, same: 0, pictures: 0 };
      for await (const batch of batchesOf(description, pictures)) {
        tell?.('computing the probabilities of the network');
        const own = expected(batch);
        tell?.('computing those of what was written');
        const one = deviation(own, await infer(batch), numClasses);
        sum.probability = Math.max(sum.probability, one.probability);
        sum.same += one.sameTop1 * one.pictures;
        sum.pictures += one.pictures;
      }
      const { probability, same, pictures: count } = sum;
      return { probability, sameTop1: same / count, pictures: count };
    },
  };
}

async function* batchesOf(
  description: InferenceDescription,
  pictures?: ProbePictures,
): AsyncGenerator<Batch> {
  const { imageSize, channels } = description;
  const shapeOf = (count: number): Batch['shape'] => [count, imageSize, imageSize, channels];
  if (!pictures) {
    yield { values: madeUpPictures(imageSize, channels), shape: shapeOf(madeUp) };
    return;
  }
  const size = imageSize * imageSize * channels;
  for await (const pixels of pictures instanceof Uint8Array ? [pictures] : pictures) {
    requireWhole(description, pixels);
    for (let start = 0; start < pixels.length; start += batchSize * size) {
      const values = Float32Array.from(pixels.subarray(start, start + batchSize * size));
      yield { values, shape: shapeOf(values.length / size) };
    }
  }
}

/** @throws RangeError when pixels are not those of whole pictures. */
export function requireWhole(
  { imageSize, channels }: InferenceDescription,
  { length }: Uint8Array,
): void {
  if (length > 0 && length % (imageSize * imageSize * channels) === 0) return;
  throw new RangeError(
    `exportModel: expected images of ${imageSize}x${imageSize}x${channels} numbers each, at least one, got ${length} numbers. Resize and crop them`,
  );
}

function madeUpPictures(size: number, channels: number): Float32Array {
  const random = seededRandom('model-export', 'probe');
  const colours = Float32Array.from(
    { length: madeUp * squares ** 2 * channels },
    () => 255 * random(),
  );
  return tf.tidy(() => {
    const small = tf.tensor4d(colours, [madeUp, squares, squares, channels]);
    return tf.image.resizeBilinear(small, [size, size]).dataSync<'float32'>();
  });
}

function deviation(expected: Float32Array, got: Float32Array, classes: number): Deviation {
  let probability = got.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  expected.forEach((value, i) => {
    const difference = Math.abs(value - got[i]!);
    // So that a NaN counts.
    if (!(difference <= probability)) probability = difference;
  });
  const best = (values: Float32Array, row: number) => {
    const own = values.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  };
  const pictures = expected.length / classes;
  const rows = Array.from({ length: pictures }, (_, row) => row);
  const same = rows.filter((row) => best(expected, row) === best(got, row)).length;
  return { probability, sameTop1: same / pictures, pictures };
}

/** @throws Error when what was written is further from the network than rounding explains. */
export function requireClose(what: string, { probability }: Deviation, limit: number): void {
  if (probability <= limit) return;
  throw new Error(
    `exportModel: expected the written ${what} to have the network's probabilities to ${limit}, got a difference of ${probability}. This is a defect of the export: report it with the network`,
  );
}
