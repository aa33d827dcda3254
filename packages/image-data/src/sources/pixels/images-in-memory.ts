import { requireCount } from '../../check.ts';
import type { Channels, ImageSource, StoredPixels } from '../../source.ts';
import { checkIndex } from '../check-index.ts';

/** Options of `imagesInMemory`. */
export interface ImagesInMemoryOptions {
  /** What messages call them. */
  readonly name: string;
  readonly classNames: readonly string[];
  /** uint8, `[size, height, width, channels]`, row-major; used as they are, without a copy. */
  readonly images: Uint8Array;
  /** Class indices, `[size]`. */
  readonly labels: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  /** Default: 3. */
  readonly channels?: Channels;
}

/**
 * Decoded images of one size as a source.
 *
 * @example
 * import { imagesInMemory } from '@bag-of-tricks/image-data';
 *
 * const images = new Uint8Array(2 * 28 * 28);
 * const shape = { height: 28, width: 28, channels: 1 } as const;
 * const source = imagesInMemory({ name: 'digits', classNames: ['0', '1'], images, labels: [0, 1], ...shape });
 *
 * @throws RangeError if the bytes are not those of the images, or a label is no class.
 */
export function imagesInMemory({
  name,
  classNames,
  images,
  labels,
  height,
  width,
  channels = 3,
}: ImagesInMemoryOptions): ImageSource {
  requireCount('imagesInMemory', 'height', height);
  requireCount('imagesInMemory', 'width', width);
  const size = labels.length;
  const imageBytes = height * width * channels;
  if (images.length !== size * imageBytes) {
    throw new RangeError(
      `imagesInMemory: expected ${size * imageBytes} bytes for ${size} labels of ${height}x${width}x${channels} pixels (${name}), got ${images.length}.`,
    );
  }
  for (let index = 0; index < size; index++) {
    if (Number.isInteger(labels[index]) && classNames[labels[index]!] !== undefined) continue;
    throw new RangeError(
      `imagesInMemory: expected labels below ${classNames.length}, the number of classNames, got ${labels[index]} for image ${index} of ${name}.`,
    );
  }
  const at = (index: number): StoredPixels => {
    checkIndex(index, size, name);
    const pixels = images.subarray(index * imageBytes, (index + 1) * imageBytes);
    return { kind: 'pixels', pixels, height, width, channels };
  };
  return {
    name,
    classNames,
    size,
    describe: (index) => `${name}:image ${index}`,
    label(index) {
      checkIndex(index, size, name);
      return labels[index]!;
    },
    async read(index, signal) {
      signal?.throwIfAborted();
      return at(index);
    },
    inMemory: at,
    close: async () => {},
  };
}
