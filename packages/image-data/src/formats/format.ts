import type { Channels, ImageSource } from '../source.ts';
import type { ClassMap } from '../sources/class-map.ts';

/** A part of a data set, and what its folder is called. */
export type Split = 'train' | 'val';

/** How images become a network's input unless one says otherwise. */
export interface InputTraits {
  readonly imageSize: number;
  readonly channels: Channels;
  readonly crop: 'random-resized' | 'pad';
  /** Per channel, on the scale 0..255. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What the images of `synthetic` look like. */
export interface SyntheticShape {
  readonly imageSize: number;
  readonly channels: Channels;
  readonly numClasses: number;
  readonly trainSamples: number;
  readonly evalSamples: number;
}

/** What a format is opened with. */
export interface FormatOptions {
  readonly split: Split;
  /** Folder of the images; null for a format without files. */
  readonly dataDir: string | null;
  readonly classMap?: ClassMap;
  readonly synthetic?: SyntheticShape;
  readonly seed: number;
  /** Folder that keeps what is converted once. */
  readonly cacheDirectory: string;
  readonly onProgress: (message: string) => void;
  readonly onWarning: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** A form that images come in: a line of `dataFormats`. */
export interface DataFormat {
  /** Whether the images are files, in the folder `dataDir`. */
  readonly files: boolean;
  /** Whether a class map may choose the classes; otherwise they are fixed. */
  readonly classMap: boolean;
  traits(options: Pick<FormatOptions, 'synthetic'>): InputTraits;
  open(options: FormatOptions): Promise<ImageSource>;
  /** All images, where none are set apart for validation; null where some are, or where the format always says. */
  openUnsplit?(options: Omit<FormatOptions, 'split'>): Promise<ImageSource | null>;
}

/** Images as the paper's; the pixel statistics are ImageNet's (He et al. 2019, section 2.1). */
const photographs: InputTraits = {
  imageSize: 224,
  channels: 3,
  crop: 'random-resized',
  mean: [123.68, 116.779, 103.939],
  std: [58.393, 57.12, 57.375],
};

type Files = Pick<FormatOptions, 'split' | 'classMap' | 'onWarning' | 'signal'>;

/** The format of photographs in files that `open` reads. */
export const photographFiles = (
  open: (dataDir: string, options: Files) => Promise<ImageSource>,
) => ({
  files: true as const,
  classMap: true,
  traits: () => photographs,
  open: ({ dataDir, ...options }: FormatOptions) => open(dataDir!, options),
});
