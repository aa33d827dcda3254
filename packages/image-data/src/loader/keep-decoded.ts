import { requireWhole } from '../check.ts';
import type { ImageDecoder } from '../decode/image-decoder.ts';
import type { ImageSize, Placement } from '../decode/placement.ts';
import type { ImageSource, StoredImage, StoredPixels } from '../source.ts';

/** Options of `keepDecoded`. */
export interface KeepDecodedOptions {
  /** Decodes the images, in its channels; its size does not matter. */
  readonly decoder: ImageDecoder;
  /** What may be taken, counted down while images are kept; sources that are given the same object share it. */
  readonly memory: { bytes: number };
  /** Images that will be read, if not all. Default: the source's size. */
  readonly images?: number;
}

/** After so many images their mean size says whether all of them fit. */
const JUDGED_AFTER = 64;

/**
 * A source that decodes each image once: the first time that it is read it is decoded whole and kept, and from then on it is
 * placed from memory, bit for bit as it would be from the file. (But for `jpeg: 'fast'` with antialiasing, which shrinks images
 * while it decodes them.) If the images turn out not to fit into the memory, it gives it back and reads as the given source does.
 *
 * @returns A source to use in place of the given one, which it closes.
 *
 * @example
 * ```ts no-run
 * import { createImageDecoder, imageFolder, keepDecoded } from '@bag-of-tricks/image-data';
 *
 * const decoder = await createImageDecoder({ size: 32 });
 * const memory = { bytes: 2 ** 30 };
 * const train = keepDecoded(await imageFolder('cifar10', { split: 'train' }), { decoder, memory });
 * const val = keepDecoded(await imageFolder('cifar10', { split: 'val' }), { decoder, memory });
 * ```
 *
 * @throws RangeError if the bytes are not a whole number from 0 on.
 */
export function keepDecoded(
  source: ImageSource,
  { decoder, memory, images = source.size }: KeepDecodedOptions,
): ImageSource {
  requireWhole('keepDecoded', 'memory.bytes', memory.bytes);
  /** Null for an image that is being decoded, or that cannot be decoded whole. */
  const kept = new Map<number, StoredPixels | null>();
  let seen = 0;
  let taken = 0;
  let fits = true;
  const giveUp = () => {
    fits = false;
    kept.clear();
    memory.bytes += taken;
    taken = 0;
  };
  /** Takes the bytes of a further image, or gives up. */
  const takes = (bytes: number): boolean => {
    seen += 1;
    const expected = ((taken + bytes) / seen) * images;
    const tooMany = seen >= JUDGED_AFTER && expected > taken + memory.bytes;
    if (bytes > memory.bytes || tooMany) giveUp();
    else {
      taken += bytes;
      memory.bytes -= bytes;
    }
    return fits;
  };

  return {
    name: source.name,
    classNames: source.classNames,
    size: source.size,
    describe: (index) => source.describe(index),
    label: (index) => source.label(index),
    inMemory: (index) => source.inMemory?.(index) ?? kept.get(index) ?? undefined,
    async read(index, signal) {
      const image = await source.read(index, signal);
      if (!fits || kept.has(index)) return image;
      const name = source.describe(index);
      const header = decoder.header(image, name);
      if (!takes(header.height * header.width * decoder.channels)) return image;
      kept.set(index, null);
      const pixels = await decodeWhole(decoder, image, { name, header, signal });
      if (fits) kept.set(index, pixels);
      return pixels ?? image;
    },
    async close() {
      giveUp();
      await source.close();
    },
  };
}

type Header = ReturnType<ImageDecoder['header']>;

/** The pixels in memory that threads share; null for an image that cannot be decoded whole, though perhaps in part. */
async function decodeWhole(
  decoder: ImageDecoder,
  image: StoredImage,
  { name, header, signal }: { name: string; header: Header; signal: AbortSignal | undefined },
): Promise<StoredPixels | null> {
  const size = { height: header.height, width: header.width };
  // Its bytes are still needed if decoding fails.
  const unmoved = image.kind === 'encoded' ? { ...image, movable: false } : image;
  const request = { image: unmoved, name, header, placement: whole(size) };
  const { images, failures } = await decoder.decode([request], { size, signal });
  if (failures.length > 0) return null;
  return { kind: 'pixels', pixels: images, ...size, channels: decoder.channels };
}

function whole(size: ImageSize): Placement {
  return {
    window: { top: 0, left: 0, ...size },
    resized: size,
    offset: { top: 0, left: 0 },
    flip: false,
  };
}
