import type { BaseConfig } from '../config/base-schema.ts';

/** How images become the network's input, defaults filled in. */
export interface InputSettings {
  readonly imageSize: number;
  readonly channels: 1 | 3;
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

type Traits = Pick<InputSettings, 'imageSize' | 'channels' | 'crop' | 'mean' | 'std'>;

/** Images as the paper's; the pixel statistics are ImageNet's (He et al. 2019, section 2.1). */
const photographs: Traits = {
  imageSize: 224,
  channels: 3,
  crop: 'random-resized',
  mean: [123.68, 116.779, 103.939],
  std: [58.393, 57.12, 57.375],
};

const small = { imageSize: 32, channels: 3, crop: 'pad' } as const;

/** What is known of the images of each dataset. */
function traitsOf({ dataset, synthetic }: Pick<BaseConfig, 'dataset' | 'synthetic'>): Traits {
  switch (dataset) {
    case 'cifar10':
      return { ...small, mean: [125.3, 123.0, 113.9], std: [63.0, 62.1, 66.7] };
    case 'cifar100':
      return { ...small, mean: [129.3, 124.1, 112.4], std: [68.2, 65.4, 70.4] };
    case 'fashion-mnist':
      return { ...small, imageSize: 28, channels: 1, mean: [72.96], std: [89.97] };
    case 'synthetic': {
      const { imageSize, channels } = synthetic;
      const same = (value: number) => new Array<number>(channels).fill(value);
      return { ...small, imageSize, channels, mean: same(128), std: same(40) };
    }
    default:
      return photographs;
  }
}

/** Where the paper resizes to 256 for a crop of 224. */
const evalRatio = 256 / 224;

/** Fill in what the configuration leaves to the dataset: the paper's input for photographs, pad-and-crop for small images. */
export function resolveInput({
  input,
  augment,
  ...config
}: Pick<BaseConfig, 'dataset' | 'synthetic' | 'input' | 'augment'>): InputSettings {
  const traits = traitsOf(config);
  const imageSize = input.imageSize ?? traits.imageSize;
  const crop = augment.crop ?? traits.crop;
  const random = crop === 'random-resized';
  const colorful = random && traits.channels === 3;
  return {
    imageSize,
    channels: traits.channels,
    evalResize: input.evalResize ?? (random ? Math.round(imageSize * evalRatio) : imageSize),
    crop,
    mean: input.mean ?? traits.mean,
    std: input.std ?? traits.std,
    colorJitter: augment.colorJitter ?? (colorful ? 0.4 : 0),
    pcaNoise: augment.pcaNoise ?? (colorful ? 0.1 : 0),
  };
}
