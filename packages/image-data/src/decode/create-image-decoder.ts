import { availableParallelism } from 'node:os';
import { findLibrary } from '@bag-of-tricks/libtensorflow';
import { BadImageError } from '../bad-image-error.ts';
import { requireCount, requireOneOf, toSize } from '../check.ts';
import { checkPlacement } from './check-placement.ts';
import { readHeader } from './header/read-header.ts';
import type { DecodedImages, ImageDecoder, ImageDecoderOptions } from './image-decoder.ts';
import { PILLOW_MAX_PIXELS } from './image-header.ts';
import { DecoderPool } from './threads/decoder-pool.ts';
import type { PlacedTask } from './threads/messages.ts';

const CALLER = 'createImageDecoder';

type Failure = DecodedImages['failures'][number];

/**
 * Starts threads that decode images and resize the parts that transforms place.
 *
 * JPEG is decoded by TensorFlow's own library, only the rows and columns that the output needs; PNG, WebP and GIF by
 * sharp. Resizing is bilinear: `antialias: true` equals Pillow's `BILINEAR` (torchvision's default) bit for bit,
 * `false` mixes the four nearest pixels at half-pixel centres, as TensorFlow's `ResizeBilinear` does.
 *
 * @example
 * import { createImageDecoder, resizeCenterCrop, syntheticImages } from '@bag-of-tricks/image-data';
 *
 * const decoder = await createImageDecoder({ size: 224, antialias: true });
 * const place = resizeCenterCrop({ size: 224, resize: 256 });
 * const source = syntheticImages({ size: 1, imageSize: 300, numClasses: 2 });
 * const name = source.describe(0);
 * const image = await source.read(0); // or { kind: 'encoded', bytes } of a file
 * const placement = place(decoder.header(image, name), Math.random);
 * const { images, failures } = await decoder.decode([{ image, name, placement }]);
 * await decoder.dispose();
 *
 * @throws RangeError - if a size, limit or number of threads is not a whole number above 0, or jpeg is neither; LibraryNotFoundError - if
 * TensorFlow's library is not installed.
 */
export async function createImageDecoder({
  size: givenSize,
  antialias = false,
  jpeg = 'exact',
  maxPixels = PILLOW_MAX_PIXELS,
  exifOrientation = false,
  threads = availableParallelism(),
}: ImageDecoderOptions): Promise<ImageDecoder> {
  const size = toSize(CALLER, givenSize);
  requireOneOf(CALLER, 'jpeg', jpeg, ['exact', 'fast']);
  requireCount(CALLER, 'maxPixels', maxPixels);
  requireCount(CALLER, 'threads', threads);
  const library = await findLibrary();
  const reader = { size, antialias, jpeg, maxPixels };
  const pool = await DecoderPool.start(threads, { library, reader });
  const headerOptions = { maxPixels, exifOrientation };
  return {
    size,
    header: (image, name) => readHeader(image, name, headerOptions),
    decode: async (requests, signal) => {
      const tasks: PlacedTask[] = [];
      const unread: Failure[] = [];
      for (const [position, request] of requests.entries()) {
        try {
          const header = readHeader(request.image, request.name, headerOptions);
          checkPlacement(request.placement, header, request.name);
          tasks.push({ ...request, header, position });
        } catch (error) {
          if (!(error instanceof BadImageError)) throw error;
          unread.push({ position, error });
        }
      }
      const bytes = requests.length * size.height * size.width * 3;
      const { images, failures } = await pool.decode(tasks, bytes, signal);
      const all = [...unread, ...failures].sort((a, b) => a.position - b.position);
      return { images, failures: all };
    },
    dispose: () => pool.dispose(),
  };
}
