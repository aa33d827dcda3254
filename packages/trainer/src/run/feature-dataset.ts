import type { Dataset } from '@bag-of-tricks/image-data';
import { permutation, seededRandom } from '@bag-of-tricks/random';
import type { FeatureBatch, ImageShape } from '../step/runner.ts';

/** What a network computed of images, row after row, and their classes. */
export interface Features {
  readonly values: Float32Array;
  readonly labels: Int32Array;
}

/** Those of both splits. */
export interface BothFeatures {
  readonly train: Features;
  readonly evaluation: Features;
}

/** A dataset whose batches hold features: `[rows, 1, 1, features]`. Its traits are those of the images. */
export interface FeatureDataset extends Dataset {
  readonly featureShape: ImageShape;
}

/** The shape of one row of a dataset of features; null for one of images. */
export const featureShapeOf = (dataset: Dataset): ImageShape | null =>
  (dataset as Partial<FeatureDataset>).featureShape ?? null;

function batchOf({ values, labels }: Features, rows: Int32Array): FeatureBatch {
  const width = values.length / labels.length;
  const features = new Float32Array(rows.length * width);
  for (const [at, row] of rows.entries())
    features.set(values.subarray(row * width, (row + 1) * width), at * width);
  const ofRows = rows.map((row) => labels[row]!);
  const imageShape = [1, 1, width] as const;
  return { images: new Uint8Array(0), features, labels: ofRows, size: rows.length, imageShape };
}

/** The features of a dataset in its place: an epoch goes through the training ones in an order that depends on (seed, epoch), anew when it needs more. */
export function featureDataset(
  dataset: Dataset,
  { train, evaluation }: BothFeatures,
): FeatureDataset {
  const trainSize = train.labels.length;
  return {
    ...dataset,
    ...{ trainSize, evalSize: evaluation.labels.length, colorVariation: null },
    cacheBytes: () => Promise.resolve(0),
    featureShape: [1, 1, train.values.length / trainSize],
    *trainBatches({ epoch, firstStep, stepsPerEpoch, batchSize, seed }, { signal } = {}) {
      const passes = Math.ceil((stepsPerEpoch * batchSize) / trainSize);
      const order = Array.from({ length: passes }, (_, pass) =>
        permutation(trainSize, seededRandom(seed, epoch, pass)),
      );
      for (let step = firstStep; step < stepsPerEpoch && !signal?.aborted; step++) {
        const rows = Int32Array.from({ length: batchSize }, (_, row) => {
          const place = step * batchSize + row;
          return order[Math.floor(place / trainSize)]![place % trainSize]!;
        });
        yield batchOf(train, rows);
      }
    },
    *evalBatches({ batchSize }) {
      const { length } = evaluation.labels;
      for (let start = 0; start < length; start += batchSize) {
        const rows = Math.min(batchSize, length - start);
        yield batchOf(
          evaluation,
          Int32Array.from({ length: rows }, (_, row) => start + row),
        );
      }
    },
  };
}
