import type { InferenceDescription } from '@bag-of-tricks/classifier';
import {
  type Dataset,
  type ImageSource,
  type InputOptions,
  imageDataset,
  resolveInput,
} from '@bag-of-tricks/image-data';
import type { CheckpointState } from '@bag-of-tricks/run-folder';
import { ownPart } from '../config/base-schema.ts';
import type { TrainConfig } from '../config/schema.ts';

/**
 * The description that a checkpoint holds. Of images of one's own (`fit({ data })`) it knows the size only: the shorter side is then
 * resized to it.
 *
 * @throws Error when its images are not square, or neither grey nor RGB.
 */
export function describeInference(state: CheckpointState<TrainConfig>): InferenceDescription {
  const { config, classNames, imageShape, mean, std } = state;
  const { dataset, synthetic, input, augment } = config;
  const [height, width, channels] = imageShape;
  if (height !== width || (channels !== 1 && channels !== 3)) {
    throw new Error(
      `loadClassifier: expected a network for square images of 1 or 3 channels, got ${imageShape.join('x')}. Use its logits in code`,
    );
  }
  const given = { ...input, ...augment, imageSize: height, mean, std };
  const evalResize =
    dataset === ownPart
      ? (input.evalResize ?? height)
      : resolveInput({ ...given, dataset, synthetic } as InputOptions).evalResize;
  const { interpolation } = input;
  return {
    ...{ model: config.model, classNames, imageSize: height, channels, evalResize, mean, std },
    interpolation: interpolation === 'random' ? 'bilinear' : (interpolation ?? 'bilinear'),
    antialias: input.antialias ?? interpolation !== null,
    exifOrientation: input.exifOrientation,
  };
}

/** What decoding takes, whatever is decoded. */
export interface DecodeLimits {
  /** Threads that decode. Default: one a core. */
  readonly workers?: number | null | undefined;
  readonly maxImageBytes?: number | undefined;
  readonly maxScanPixels?: number | undefined;
  /** What decodes JPEG. Default: `tensorflow`. */
  readonly jpegDecoder?: 'tensorflow' | 'sharp' | undefined;
}

/** Images as the network sees them in evaluation: the same loader, resize and crop as there. The source is closed with them. */
export const inferenceImages = (
  { model: _, classNames: __, ...input }: InferenceDescription,
  source: ImageSource,
  limits: DecodeLimits,
): Promise<Dataset> =>
  imageDataset({
    ...{ ...input, ...limits, train: null, eval: source },
    ...{ badImages: 'skip', maxBadFraction: 1 },
  });
