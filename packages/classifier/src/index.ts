export { BadImageError, type PictureFailure } from './bad-image-error.ts';
export {
  type BatchOptions,
  type Classifier,
  type ClassifierOptions,
  loadClassifier,
  type TopOptions,
} from './classifier.ts';
export type { ClassifierFile, InferenceDescription } from './model/description.ts';
export type { LoadProgress } from './model/load-model.ts';
export type { DecodePicture } from './picture/decode.ts';
export type { Pixels } from './picture/network-input.ts';
export type { Picture } from './picture/read-picture.ts';
export { type ClassProbability, topClasses } from './top-k.ts';
