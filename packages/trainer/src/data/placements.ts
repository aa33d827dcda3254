import {
  type PlaceImage,
  padCropFlip,
  randomResizedCrop,
  resizeCenterCrop,
} from '@bag-of-tricks/image-data';
import type { TrainConfig } from '../config/schema.ts';
import type { InputSettings } from './input-settings.ts';

/** Where training images are cropped: a random part of a photograph, or a small image moved by a few pixels. */
export function trainPlacement(
  { crop, imageSize: size }: InputSettings,
  { flip, cropPadding: padding }: TrainConfig['augment'],
): PlaceImage {
  const probability = flip ? 0.5 : 0;
  return crop === 'random-resized'
    ? randomResizedCrop({ size, flip: probability })
    : padCropFlip({ size, padding, flip: probability });
}

/** Where evaluation images are cropped: the centre, after the shorter side was resized. */
export function evalPlacement({ imageSize, evalResize }: InputSettings): PlaceImage {
  return resizeCenterCrop({ size: imageSize, resize: evalResize });
}
