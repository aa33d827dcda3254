export { BadImageError } from './bad-image-error.ts';
export type {
  DecodedImages,
  DecodeRequest,
  ImageDecoder,
  ImageDecoderOptions,
} from './decode/image-decoder.ts';
export type { ImageFormat, ImageHeader } from './decode/image-header.ts';
export type { ImageSize, PlaceImage, Placement, Window } from './decode/placement.ts';
export type { ImageSource, StoredImage } from './source.ts';
export type { ClassMap } from './sources/class-map.ts';
export type { DirectoryEntry, DirectoryReader } from './sources/directory-reader.ts';
export { type ImageFolderOptions, imageFolder } from './sources/image-folder.ts';
