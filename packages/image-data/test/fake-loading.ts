import { BadImageError } from '../src/bad-image-error.ts';
import type { ImageDecoder } from '../src/decode/image-decoder.ts';
import type { PlaceImage } from '../src/decode/placement.ts';
import type { ImageSource } from '../src/source.ts';

/** What goes wrong with some images of a fake source, by index. */
export interface Faults {
  /** Not readable. */
  readonly unreadable?: readonly number[];
  /** Readable, but no image by its first bytes. */
  readonly headless?: readonly number[];
  /** Fails only when it is decoded. */
  readonly truncated?: readonly number[];
  /** Never answers, not even to an abort. */
  readonly stalled?: readonly number[];
  /** Fails with an error that is not about the image. */
  readonly offline?: readonly number[];
}

export interface FakeSource extends ImageSource {
  /** Reads asked for, and how many of them have not ended. */
  readonly counts: { reads: number; open: number; mostOpen: number };
}

const encode = (index: number): Uint8Array => Uint8Array.of(index >> 16, index >> 8, index);
const decodeIndex = (bytes: Uint8Array): number =>
  bytes[0]! * 2 ** 16 + bytes[1]! * 2 ** 8 + bytes[2]!;

/** `size` images whose bytes are their index and whose class is the index's last digit; every read takes `delayMs`. */
export function fakeSource(
  size: number,
  faults: Faults = {},
  { delayMs = 0, bytesEach = 3 }: { delayMs?: number; bytesEach?: number } = {},
): FakeSource {
  const counts = { reads: 0, open: 0, mostOpen: 0 };
  return {
    name: 'fake',
    classNames: [...'0123456789'],
    size,
    counts,
    describe: (index) => `fake/${index}.jpg`,
    label: (index) => index % 10,
    async read(index, signal) {
      counts.reads += 1;
      counts.open += 1;
      counts.mostOpen = Math.max(counts.mostOpen, counts.open);
      try {
        if (faults.stalled?.includes(index)) await new Promise(() => {});
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        signal?.throwIfAborted();
        if (faults.offline?.includes(index)) throw new Error('EIO: i/o error');
        if (faults.unreadable?.includes(index)) {
          throw new BadImageError(`fake/${index}.jpg`, 'not readable');
        }
        const bytes = new Uint8Array(bytesEach);
        bytes.set(encode(index));
        return { kind: 'encoded', bytes };
      } finally {
        counts.open -= 1;
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Draws one number for the placement: `left` of the window, 0 to 255. */
export const fakePlace: PlaceImage = (_image, random) => ({
  window: { top: 0, left: Math.floor(random() * 256), height: 1, width: 1 },
  resized: { height: 1, width: 1 },
  offset: { top: 0, left: 0 },
  flip: false,
});

export interface FakeDecoder extends ImageDecoder {
  readonly counts: { calls: number; open: number; mostOpen: number; largest: number };
}

/** "Decodes" a fake image to two pixels: its index, and what was drawn for its placement. */
export function fakeDecoder(faults: Faults = {}, { delayMs = 0 } = {}): FakeDecoder {
  const counts = { calls: 0, open: 0, mostOpen: 0, largest: 0 };
  const indexOf = (image: Parameters<ImageDecoder['header']>[0]) => {
    return decodeIndex(image.kind === 'encoded' ? image.bytes : image.pixels);
  };
  return {
    counts,
    size: { height: 1, width: 2 },
    channels: 3,
    header(image, name) {
      if (faults.headless?.includes(indexOf(image))) throw new BadImageError(name, 'not an image');
      return { height: 1, width: 256, format: 'jpeg', orientation: 1 };
    },
    async decode(requests) {
      counts.calls += 1;
      counts.open += 1;
      counts.mostOpen = Math.max(counts.mostOpen, counts.open);
      counts.largest = Math.max(counts.largest, requests.length);
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      counts.open -= 1;
      const images = new Uint8Array(requests.length * 6);
      const failures = [];
      for (const [position, { image, name, placement }] of requests.entries()) {
        const index = indexOf(image);
        if (faults.truncated?.includes(index)) {
          failures.push({ position, error: new BadImageError(name, 'ends early') });
          continue;
        }
        images.set([...encode(index), placement.window.left, 0, 0], position * 6);
      }
      return { images, failures };
    },
    dispose: () => Promise.resolve(),
  };
}

/** The index that the pixels of each row say, and the number drawn for it. */
export function shown(images: Uint8Array): { index: number; drawn: number }[] {
  return Array.from({ length: images.length / 6 }, (_, row) => ({
    index: decodeIndex(images.subarray(row * 6)),
    drawn: images[row * 6 + 3]!,
  }));
}
