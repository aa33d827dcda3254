import { compile } from '@bag-of-tricks/graph';
import type { Batch } from '@bag-of-tricks/image-data';
import { type Network, normalizeImages, type PixelStatistics } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { batchTensors, readOutputs } from './eager-runner.ts';
import { batchInputs, type ImageShape, imagesOf } from './runner.ts';

/** Computes what the last layer of a network sees of a batch, `[rows, features]`, as in evaluation. */
export interface FeatureExtractor {
  featuresOf(batch: Batch): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Makes an extractor, by one native graph or op by op; the network stays the caller's. */
export async function featureExtractor(
  network: Required<Pick<Network, 'features'>>,
  {
    pixels,
    imageShape,
    compiled,
  }: {
    readonly pixels: PixelStatistics;
    readonly imageShape: ImageShape;
    readonly compiled: boolean;
  },
): Promise<FeatureExtractor> {
  const extract = (images: tf.Tensor4D) => ({
    features: tf.tidy(() => network.features(normalizeImages(images, pixels), { training: false })),
  });
  if (!compiled) {
    return {
      featuresOf: async (batch) =>
        (await readOutputs(() => extract(batchTensors(batch, imageShape).images))).features,
      dispose: () => Promise.resolve(),
    };
  }
  const { images } = batchInputs(imageShape[2]);
  const graph = await compile(({ images }) => extract(images as tf.Tensor4D), {
    inputs: { images },
  });
  return {
    async featuresOf(batch) {
      const { features } = await graph.run({ images: imagesOf(batch, imageShape) as never });
      return features.values as Float32Array;
    },
    dispose: () => graph.dispose(),
  };
}
