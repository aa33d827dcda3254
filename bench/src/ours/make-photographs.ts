import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { type Binding, DataType } from '@bag-of-tricks/libtensorflow/native';
import { seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';
import type { FolderCount } from './count-images.ts';

/** As many as the photographs of ImageNet that were timed before them, and of the size that most of ImageNet's have. */
const COUNT = 200;
const SIZE = { height: 375, width: 500 } as const;
const QUALITY = 95;
/** Grids of random colours, from the coarsest on: each has half the contrast of the one before, as in photographs. */
const OCTAVES = [4, 8, 16, 32, 64, 128, 256];
/** What grain adds to the contrast of each: so much that a file has ImageNet's mean of about 110 KB. */
const FINEST = 58;

/** Makes an image folder of JPEGs that are as large and take as long to decode as photographs, the same ones every time. */
export async function makePhotographs({
  folder,
  count = COUNT,
}: {
  readonly folder: string;
  readonly count?: number;
}): Promise<FolderCount> {
  const { binding } = await registerTensorFlowBackend({
    install: true,
    onProgress: (progress) => process.stderr.write(`${formatProgress(progress)}\n`),
  });
  const classFolder = join(folder, 'made');
  await mkdir(classFolder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const name = `${String(index).padStart(3, '0')}.jpg`;
    await writeFile(join(classFolder, name), encodeJpeg(binding, drawPixels(index)));
  }
  return { images: count };
}

/** uint8 `[height, width, 3]`: clouds of all sizes. */
function drawPixels(index: number): Uint8Array {
  const random = seededRandom(index);
  const image = tf.tidy(() => {
    const octaves = OCTAVES.map((cells, octave) => {
      const contrast = 240 / 2 ** octave + FINEST;
      const grid = new Float32Array(cells * cells * 3).map(() => (random() - 0.5) * contrast);
      const colours = tf.tensor4d(grid, [1, cells, cells, 3]);
      return tf.image.resizeBilinear(colours, [SIZE.height, SIZE.width]);
    });
    return tf.clipByValue(tf.add(tf.addN(octaves), 120), 0, 255);
  });
  const pixels = new Uint8Array(image.dataSync());
  image.dispose();
  return pixels;
}

/** The bytes of a JPEG file. */
function encodeJpeg(binding: Binding, pixels: Uint8Array): Uint8Array {
  const image = binding.createTensor([SIZE.height, SIZE.width, 3], DataType.UINT8, pixels);
  const quality = { name: 'quality', type: binding.TF_ATTR_INT, value: QUALITY };
  const [file] = binding.executeOp('EncodeJpeg', [quality], [image], 1);
  const [bytes] = binding.tensorDataSync(file!.id) as Uint8Array[];
  for (const id of [image, file!.id]) binding.deleteTensor(id);
  return bytes!;
}
