/** All that makes probabilities of pictures besides the weights: how pixels become the network's input, and what its classes are called. */
export interface InferenceDescription {
  readonly model: string;
  /** By index. */
  readonly classNames: readonly string[];
  /** Height and width of the network's input in pixels. */
  readonly imageSize: number;
  /** 1 for grey, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  /** Shorter side in pixels before the centre crop. */
  readonly evalResize: number;
  /** The filter that resizes, as Pillow's. */
  readonly interpolation: 'bilinear' | 'bicubic' | 'lanczos';
  /** Whether shrinking averages. */
  readonly antialias: boolean;
  /** Whether images are turned upright by their EXIF tag. */
  readonly exifOrientation: boolean;
  /** Per channel, on the scale 0..255. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
