export type { Interpolation } from '@bag-of-tricks/image-resize';
export { BadImageError } from './bad-image-error.ts';
export { checkedDataset } from './dataset/checked-dataset.ts';
export { dataChanges } from './dataset/data-changes.ts';
export type {
  Batches,
  Dataset,
  DatasetFile,
  EpochPart,
  EvalPart,
  ImageTraits,
  LoadOptions,
} from './dataset/dataset.ts';
export { type DataFingerprint, type DataRecord, fingerprintOf } from './dataset/fingerprint.ts';
export { imageDataset } from './dataset/image-dataset.ts';
export type { ImageDatasetOptions } from './dataset/image-dataset-options.ts';
export { createImageDecoder } from './decode/create-image-decoder.ts';
export type {
  DecodedImages,
  DecodeOptions,
  DecodeRequest,
  ImageDecoder,
  ImageDecoderOptions,
  JpegDecoder,
} from './decode/image-decoder.ts';
export type { ImageFormat, ImageHeader } from './decode/image-header.ts';
export { thumbnail } from './decode/pixels/thumbnail.ts';
export type { ImageSize, PlaceImage, Placement, Window } from './decode/placement.ts';
export type { DataFormat, Split, SyntheticShape } from './formats/format.ts';
export {
  type DataFormatName,
  dataFormatNames,
  type FileFormatName,
  type FormatChoice,
  fileFormatNames,
  formatProblems,
} from './formats/formats.ts';
export {
  batchSettings,
  formatSettings,
  type ImageSettings,
  imageProblems,
} from './formats/image-settings.ts';
export { type InputOptions, type InputSettings, resolveInput } from './formats/input-settings.ts';
export { type OpenDatasetOptions, openDataset } from './formats/open-dataset.ts';
export { type OpenSourcesOptions, openSources, type Sources } from './formats/open-sources.ts';
export type { AugmentImage } from './loader/augment-batch.ts';
export { type BadImagePolicy, BadImagesError, type SkippedImage } from './loader/bad-images.ts';
export type { Batch, LoadedBatch } from './loader/batch.ts';
export { type EvalBatchesOptions, evalBatches } from './loader/eval-batches.ts';
export { type KeepDecodedOptions, keepDecoded } from './loader/keep-decoded.ts';
export type { LoaderOptions } from './loader/options.ts';
export { trainSteps } from './loader/processes.ts';
export { expectKept, sampleHeaders, type ToKeep } from './loader/sample-headers.ts';
export { type DrawColors, type TrainBatchesOptions, trainBatches } from './loader/train-batches.ts';
export type { ShardManifest, ShardRecord, ShardSettings } from './prepare/manifest.ts';
export { type PrepareOptions, prepare } from './prepare/prepare.ts';
export { type PrepareShardsOptions, prepareShards } from './prepare/prepare-shards.ts';
export type { PrepareProgress } from './prepare/progress.ts';
export type {
  Channels,
  FileListing,
  ImageSource,
  ListedFile,
  StoredImage,
  StoredPixels,
} from './source.ts';
export type { ClassMap } from './sources/class-map.ts';
export type { DirectoryEntry, DirectoryReader } from './sources/directory-reader.ts';
export { type FindImagesOptions, findImages } from './sources/find-images.ts';
export { type ImageFile, imageFiles } from './sources/image-files.ts';
export { type ImageFolderOptions, imageFolder } from './sources/image-folder.ts';
export { type ParquetImagesOptions, parquetImages } from './sources/parquet/parquet-images.ts';
export { type CifarImagesOptions, cifarImages } from './sources/pixels/cifar-images.ts';
export { type FashionMnistOptions, fashionMnist } from './sources/pixels/fashion-mnist.ts';
export { type ImagesInMemoryOptions, imagesInMemory } from './sources/pixels/images-in-memory.ts';
export { type MnistImagesOptions, mnistImages } from './sources/pixels/mnist-images.ts';
export { type SyntheticImagesOptions, syntheticImages } from './sources/pixels/synthetic-images.ts';
export { type SplitByClassOptions, splitByClass } from './sources/split-by-class.ts';
export { type TarShardsOptions, tarShards } from './sources/tar/tar-shards.ts';
export type { ExampleKeys } from './sources/tfrecord/labelled-example.ts';
export { type TfRecordsOptions, tfRecords } from './sources/tfrecord/tf-records.ts';
export type { Picture } from './transforms/augment/picture.ts';
export { type RandAugmentOptions, randAugment } from './transforms/augment/rand-augment.ts';
export { type RandomErasingOptions, randomErasing } from './transforms/augment/random-erasing.ts';
export { trivialAugment } from './transforms/augment/trivial-augment.ts';
export {
  type ColorJitterOptions,
  type ColorJitterStep,
  colorJitter,
} from './transforms/color/color-jitter.ts';
export {
  type ColorTransform,
  type ColorVariation,
  type ColorVariationOptions,
  colorVariation,
} from './transforms/color/color-variation.ts';
export {
  type ColorJitterDraw,
  type ColorJitterStrength,
  drawColorJitter,
  drawPcaNoise,
} from './transforms/color/draw-color.ts';
export { pcaNoise } from './transforms/color/pca-noise.ts';
export { type PadCropFlipOptions, padCropFlip } from './transforms/pad-crop-flip.ts';
export {
  type RandomResizedCropOptions,
  randomResizedCrop,
} from './transforms/random-resized-crop.ts';
export {
  type ResizeCenterCropOptions,
  resizeCenterCrop,
} from './transforms/resize-center-crop.ts';
