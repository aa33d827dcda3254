import {
  createImageDecoder,
  evalBatches,
  type ImageDecoder,
  type ImageSource,
  imageFolder,
  type LoadedBatch,
  randomResizedCrop,
  resizeCenterCrop,
  trainBatches,
} from '@bag-of-tricks/image-data';
import type { InputResult, OursInputSpec } from '../contestants/input-spec.ts';
import { mean } from '../statistics.ts';
import { watchLoad } from './foreign-load.ts';

/** Loads batches as `spec` says and tells what it saw. */
export async function loadImages(spec: OursInputSpec): Promise<InputResult> {
  const { antialias, folder, imageSize, jpeg } = spec;
  const source = await imageFolder(folder);
  const size = { height: imageSize, width: imageSize };
  const decoder = await createImageDecoder({ size, antialias, jpeg });
  const batches = epochBatches(spec, source, decoder);
  const imageMeans: number[] = [];
  for await (const batch of batches(0)) imageMeans.push(...meansOf(batch));

  const load = watchLoad();
  const cpuBefore = process.cpuUsage();
  const epochSeconds: number[] = [];
  let images = 0;
  for (let epoch = 1; epoch <= spec.epochs; epoch++) {
    const start = performance.now();
    for await (const { size } of batches(epoch)) images += size;
    epochSeconds.push((performance.now() - start) / 1000);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const foreignShare = load();
  await decoder.dispose();
  return {
    images,
    epochSeconds,
    cpuSeconds: (user + system) / 1e6,
    imageMeans,
    foreignShare,
    versions: { node: process.versions.node },
  };
}

function epochBatches(
  { transform, batchSize, imageSize, resizeTo, imagesPerEpoch, seed }: OursInputSpec,
  source: ImageSource,
  decoder: ImageDecoder,
): (epoch: number) => AsyncIterable<LoadedBatch> {
  const badImages = 'fail';
  if (transform === 'train') {
    const place = randomResizedCrop({ size: imageSize });
    const stepsPerEpoch = Math.floor(imagesPerEpoch / batchSize);
    // A step wants as many images as it has rows.
    const enough = source.size < batchSize ? repeat(source, batchSize) : source;
    const options = { decoder, place, batchSize, seed, stepsPerEpoch, badImages } as const;
    return (epoch) => trainBatches(enough, { ...options, epoch });
  }
  const place = resizeCenterCrop({ size: imageSize, resize: resizeTo });
  const repeated = repeat(source, imagesPerEpoch);
  return () => evalBatches(repeated, { decoder, place, batchSize, badImages });
}

/** The images of a source again and again, `size` in all. */
function repeat(source: ImageSource, size: number): ImageSource {
  return {
    name: source.name,
    classNames: source.classNames,
    size,
    describe: (index) => source.describe(index % source.size),
    label: (index) => source.label(index % source.size),
    read: (index, signal) => source.read(index % source.size, signal),
    close: () => source.close(),
  };
}

/** The mean pixel of each image of a batch. */
function meansOf({ images, indices, size }: LoadedBatch): number[] {
  const pixels = images.length / indices.length;
  return Array.from({ length: size }, (_, row) =>
    mean(images.subarray(row * pixels, (row + 1) * pixels)),
  );
}
