import { availableParallelism } from 'node:os';
import { interpolations } from '@bag-of-tricks/image-resize';
import { findLibrary } from '@bag-of-tricks/libtensorflow';
import { BadImageError } from '../bad-image-error.ts';
import { requireCount, requireOneOf, toSize } from '../check.ts';
import type { StoredPixels } from '../source.ts';
import { checkPlacement } from './check-placement.ts';
import { defaultBudget } from './header/image-budget.ts';
import { readHeader } from './header/read-header.ts';
import type { DecodedImages, ImageDecoder, ImageDecoderOptions } from './image-decoder.ts';
import { copyPixels, isCopy } from './pixels/copy-pixels.ts';
import type { Placement } from './placement.ts';
import { DecoderPool, disposedError } from './threads/decoder-pool.ts';
import type { PlacedTask } from './threads/messages.ts';

const CALLER = 'createImageDecoder';

type Failure = DecodedImages['failures'][number];

/**
 * Decodes images and resizes the parts that transforms place, in threads.
 *
 * JPEG is decoded by TensorFlow's own library, only the rows and columns that the output needs, or without it by sharp; PNG, WebP and GIF by
 * sharp. Resizing with `antialias: true` equals Pillow's `BILINEAR` (torchvision's default), `BICUBIC` or `LANCZOS` bit
 * for bit; bilinear without it mixes the four nearest pixels at half-pixel centres, as TensorFlow's `ResizeBilinear` does.
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
  channels = 3,
  interpolation,
  antialias = interpolation !== undefined,
  jpeg = 'exact',
  jpegDecoder = 'tensorflow',
  maxPixels = defaultBudget.maxPixels,
  maxImageBytes = defaultBudget.maxImageBytes,
  maxScanPixels = defaultBudget.maxScanPixels,
  exifOrientation = false,
  threads = availableParallelism(),
}: ImageDecoderOptions): Promise<ImageDecoder> {
  const ownSize = toSize(CALLER, givenSize);
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`${CALLER}: expected channels to be 1 or 3, got ${String(channels)}.`);
  }
  requireOneOf(CALLER, 'interpolation', interpolation ?? 'bilinear', interpolations);
  requireOneOf(CALLER, 'jpeg', jpeg, ['exact', 'fast']);
  requireOneOf(CALLER, 'jpegDecoder', jpegDecoder, ['tensorflow', 'sharp']);
  requireCount(CALLER, 'maxPixels', maxPixels);
  requireCount(CALLER, 'maxImageBytes', maxImageBytes);
  requireCount(CALLER, 'maxScanPixels', maxScanPixels);
  requireCount(CALLER, 'threads', threads);
  const library = jpegDecoder === 'sharp' ? null : await findLibrary();
  const reader = {
    ...{ channels, antialias, jpeg, maxPixels },
    interpolation: interpolation ?? 'bilinear',
  } as const;
  const headerOptions = { maxPixels, maxImageBytes, maxScanPixels, exifOrientation };
  let started: Promise<DecoderPool> | undefined;
  let disposed = false;
  const pool = () => {
    started ??= DecoderPool.start(threads, { library, reader });
    return started;
  };
  return {
    size: ownSize,
    channels,
    header: (image, name) => readHeader(image, name, headerOptions),
    async decode(requests, { size = ownSize, signal } = {}) {
      if (disposed) throw disposedError();
      signal?.throwIfAborted();
      const imageBytes = size.height * size.width * channels;
      const tasks: PlacedTask[] = [];
      const copies: [position: number, image: StoredPixels, placement: Placement][] = [];
      const failures: Failure[] = [];
      for (const [position, request] of requests.entries()) {
        const { image, name, placement } = request;
        try {
          const header = request.header ?? readHeader(image, name, headerOptions);
          checkPlacement(placement, header, name);
          if (isCopy(image, placement)) copies.push([position, image, placement]);
          else tasks.push({ image, name, placement, header, position });
        } catch (error) {
          if (!(error instanceof BadImageError)) throw error;
          failures.push({ position, error });
        }
      }
      const bytes = requests.length * imageBytes;
      const shared = tasks.length > 0 ? new SharedArrayBuffer(bytes) : null;
      const images = shared ? new Uint8Array(shared) : new Uint8Array(bytes);
      for (const [position, image, placement] of copies) {
        const target = images.subarray(position * imageBytes, (position + 1) * imageBytes);
        copyPixels(image, placement, { size, channels, target });
      }
      if (shared) {
        const decoders = await pool();
        failures.push(...(await decoders.decode(tasks, { output: shared, size, signal })));
        failures.sort((a, b) => a.position - b.position);
      }
      return { images, failures };
    },
    async dispose() {
      disposed = true;
      // A start that failed was rejected where it was asked for.
      await (await started?.catch(() => undefined))?.dispose();
    },
  };
}
