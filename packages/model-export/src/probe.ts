import { seededRandom } from '@bag-of-tricks/random';
import { inferLogits } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import type { ExportedModel } from './export-model.ts';

/** How far what was written is from the network. */
export interface Deviation {
  /** The greatest difference of a probability. */
  readonly probability: number;
  /** The share of pictures whose most probable class is the same. */
  readonly sameTop1: number;
}

/** Pictures with the network's probabilities, to compare other forms of it with. */
export interface Probe {
  /** [count, size, size, channels], 0..255. */
  readonly images: Float32Array;
  readonly shape: readonly [number, number, number, number];
  /** Compares probabilities of the same pictures. */
  compare(probabilities: ArrayLike<number>): Deviation;
}

const count = 4;
/** Pictures of so many squares a side: noise of single pixels looks the same to most networks. */
const squares = 8;

/**
 * @throws Error when the network's probabilities are not finite.
 */
export async function probeOf({ network, description }: ExportedModel): Promise<Probe> {
  const { imageSize, channels, classNames, mean, std } = description;
  const numClasses = classNames.length;
  const random = seededRandom('model-export', 'probe');
  const colours = Float32Array.from(
    { length: count * squares ** 2 * channels },
    () => 255 * random(),
  );
  const [images, probabilities] = tf.tidy(() => {
    const small = tf.tensor4d(colours, [count, squares, squares, channels]);
    const pictures = tf.image.resizeBilinear(small, [imageSize, imageSize]);
    const logits = inferLogits({ network, numClasses, pixels: { mean, std } }, pictures);
    return [pictures.dataSync<'float32'>(), tf.softmax(logits).dataSync<'float32'>()];
  });
  if (!probabilities.every(Number.isFinite)) {
    throw new Error(
      `exportModel: expected finite probabilities of ${network.name}, got ${probabilities.find((p) => !Number.isFinite(p))}. Export other weights`,
    );
  }
  return {
    images,
    shape: [count, imageSize, imageSize, channels],
    compare: (got) => deviation(probabilities, got, numClasses),
  };
}

function deviation(expected: Float32Array, got: ArrayLike<number>, classes: number): Deviation {
  let probability = got.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  expected.forEach((value, i) => {
    const difference = Math.abs(value - got[i]!);
    if (!(difference <= probability)) probability = difference;
  });
  const best = (values: ArrayLike<number>, row: number) => {
    const own = Array.from({ length: classes }, (_, c) => values[row * classes + c]!);
    return own.indexOf(Math.max(...own));
  };
  const rows = Array.from({ length: count }, (_, row) => row);
  const same = rows.filter((row) => best(expected, row) === best(got, row)).length;
  return { probability, sameTop1: same / count };
}

/** @throws Error when what was written is further from the network than rounding explains. */
export function requireClose(what: string, { probability }: Deviation, limit: number): void {
  if (probability <= limit) return;
  throw new Error(
    `exportModel: expected the written ${what} to have the network's probabilities to ${limit}, got a difference of ${probability}. This is a defect of the export: report it with the network`,
  );
}
