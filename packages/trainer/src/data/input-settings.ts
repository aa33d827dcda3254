import type { TrainConfig } from '../config/schema.ts';

/** How images from files become the network's input, with nothing left open. */
export interface InputSettings {
  readonly imageSize: number;
  /** Shorter side in evaluation, before the centre crop. */
  readonly evalResize: number;
  readonly crop: 'random-resized' | 'pad';
  /** Per channel, on the scale 0..255. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Brightness, contrast and saturation are scaled by 1 - amount to 1 + amount; 0 is off. */
  readonly colorJitter: number;
  /** Standard deviation of the PCA noise; 0 is off. */
  readonly pcaNoise: number;
}

/** ImageNet's pixel statistics (He et al. 2019, section 2.1). */
const imagenet = { mean: [123.68, 116.779, 103.939], std: [58.393, 57.12, 57.375] };

const cifar = {
  cifar10: { mean: [125.3, 123.0, 113.9], std: [63.0, 62.1, 66.7] },
  cifar100: { mean: [129.3, 124.1, 112.4], std: [68.2, 65.4, 70.4] },
};

/** Where the paper resizes to 256 for a crop of 224. */
const evalRatio = 256 / 224;

/** Fill in what the configuration leaves to the dataset: the paper's input for photographs, pad-and-crop for CIFAR's small images. */
export function resolveInput({
  dataset,
  input,
  augment,
}: Pick<TrainConfig, 'dataset' | 'input' | 'augment'>): InputSettings {
  const small = dataset === 'cifar10' || dataset === 'cifar100';
  const statistics = small ? cifar[dataset] : imagenet;
  const imageSize = input.imageSize ?? (small ? 32 : 224);
  const crop = augment.crop ?? (small ? 'pad' : 'random-resized');
  const photographs = crop === 'random-resized';
  return {
    imageSize,
    evalResize: input.evalResize ?? (photographs ? Math.round(imageSize * evalRatio) : imageSize),
    crop,
    mean: input.mean ?? statistics.mean,
    std: input.std ?? statistics.std,
    colorJitter: augment.colorJitter ?? (photographs ? 0.4 : 0),
    pcaNoise: augment.pcaNoise ?? (photographs ? 0.1 : 0),
  };
}
