import type { FormatOptions, InputTraits } from './format.ts';
import { type DataFormatName, dataFormats } from './formats.ts';

/** How images become the network's input, defaults filled in. */
export interface InputSettings extends InputTraits {
  /** Shorter side in evaluation, before the centre crop. */
  readonly evalResize: number;
  /** Brightness, contrast and saturation are scaled by 1 - amount to 1 + amount; 0 is off. */
  readonly colorJitter: number;
  /** Standard deviation of the PCA noise; 0 is off. */
  readonly pcaNoise: number;
}

/** Input settings of a dataset; what is null or left out is the format's own. */
export type InputOptions = {
  readonly [Name in keyof Omit<InputSettings, 'channels'>]?: InputSettings[Name] | null | undefined;
} & {
  /** In place of `evalResize`: the share of the resized image's shorter side that evaluation sees, as in timm. */
  readonly cropPct?: number | null | undefined;
  readonly dataset: DataFormatName;
  readonly synthetic?: FormatOptions['synthetic'] | undefined;
};

/** Where the paper resizes to 256 for a crop of 224. */
const evalRatio = 256 / 224;

/** The shorter side in evaluation, before a crop of `imageSize`, that timm's `crop_pct` stands for: its quotient, rounded down. */
const resizeFor = (imageSize: number, cropPct: number | null | undefined) =>
  cropPct ? Math.floor(imageSize / cropPct) : null;

/** Fills in what the options leave to the format: the paper's input for photographs, pad-and-crop for small images. */
export function resolveInput({ dataset, synthetic, ...given }: InputOptions): InputSettings {
  const traits = dataFormats[dataset].traits(synthetic ? { synthetic } : {});
  const imageSize = given.imageSize ?? traits.imageSize;
  const crop = given.crop ?? traits.crop;
  const random = crop === 'random-resized';
  const colorful = random && traits.channels === 3;
  return {
    imageSize,
    channels: traits.channels,
    evalResize:
      given.evalResize ??
      resizeFor(imageSize, given.cropPct) ??
      (random ? Math.round(imageSize * evalRatio) : imageSize),
    crop,
    mean: given.mean ?? traits.mean,
    std: given.std ?? traits.std,
    colorJitter: given.colorJitter ?? (colorful ? 0.4 : 0),
    pcaNoise: given.pcaNoise ?? (colorful ? 0.1 : 0),
  };
}
