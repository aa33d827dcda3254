import { BadImageError, refuse } from '../bad-image-error.ts';
import {
  bitmapPixels,
  decodeInBrowser,
  imageBytes,
  isBrowser,
  isShown,
  openBitmap,
} from './browser.ts';
import { type DecodePicture, findReader } from './decode.ts';
import { type PictureHeader, readHeader } from './header.ts';
import { type InputDescription, networkInput, type Pixels } from './network-input.ts';

/** What can be classified: an encoded JPEG, PNG, WebP or GIF, pixels, or what a page shows. */
export type Picture = Uint8Array | ArrayBuffer | Blob | Pixels | ImageData | CanvasImageSource;

export interface ReadOptions {
  /** Whether pictures are turned upright by their EXIF tag. */
  readonly exifOrientation: boolean;
  /** Most pixels, height times width. */
  readonly maxPixels: number;
  readonly decode?: DecodePicture | undefined;
}

/** Makes the network's input of a picture, uint8 `[imageSize, imageSize, channels]`. `name` is what errors call it. */
export type ReadPicture = (picture: Picture, name: string) => Promise<Uint8Array>;

/** @throws BadImageError - of pictures that are none, damaged or too large. */
export function pictureReader(
  description: InputDescription,
  { exifOrientation, maxPixels, decode }: ReadOptions,
): ReadPicture {
  const checkSize = ({ width, height }: Pick<Pixels, 'width' | 'height'>, name: string) => {
    const isWhole = [width, height].every((side) => Number.isInteger(side) && side > 0);
    if (isWhole && width * height <= maxPixels) return;
    throw new BadImageError(
      `classify: expected ${name} to have 1 to ${maxPixels} pixels, got ${width}x${height}. Shrink it, or raise maxPixels`,
      'too-large',
    );
  };
  const readerFor = (header: PictureHeader) => {
    if (decode) return { decode };
    if (isBrowser()) return { decode: (bytes: Uint8Array) => decodeInBrowser(bytes, header) };
    return findReader();
  };

  const fromBytes = async (bytes: Uint8Array, name: string) => {
    const header = readHeader(bytes, name);
    checkSize(header, name);
    const found = await readerFor(header);
    if ('read' in found) {
      return found.read(bytes, name, { ...description, exifOrientation, maxPixels });
    }
    const pixels = await found.decode(bytes, name).catch((cause) => refuse(name, cause));
    const [stored, got] = [header, pixels].map(({ width, height }) => `${width}x${height}`);
    // Such as a GIF whose frame reaches beyond its screen.
    if (got !== stored && !decode) refuse(name, `it says ${stored} pixels and has ${got}`);
    if (got !== stored) {
      throw new Error(
        `classify: expected the decoder to return the ${stored} pixels that ${name} stores, got ${got}. Turn and scale nothing in decode`,
      );
    }
    return networkInput(
      checked(pixels, name),
      description,
      exifOrientation ? header.orientation : 1,
    );
  };

  const fromPage = async (source: CanvasImageSource, name: string) => {
    // An element is shown already turned by EXIF, so it is read itself only where that turn is wanted and its file is gone, such as a revoked blob.
    const bytes = await imageBytes(source).catch((cause) =>
      exifOrientation && isShown(source) ? null : refuse(name, cause),
    );
    if (bytes) return fromBytes(bytes, name);
    const bitmap = await openBitmap(source).catch((cause) => refuse(name, cause));
    try {
      checkSize(bitmap, name);
      return networkInput(bitmapPixels(bitmap), description);
    } catch (cause) {
      // A canvas shows no pixels of another site's picture.
      return refuse(name, cause);
    } finally {
      bitmap.close();
    }
  };

  return async (picture, name) => {
    if (picture instanceof ArrayBuffer) return fromBytes(new Uint8Array(picture), name);
    if (picture instanceof Uint8Array) return fromBytes(picture, name);
    if (picture instanceof Blob)
      return fromBytes(new Uint8Array(await picture.arrayBuffer()), name);
    if (isPixels(picture)) {
      checkSize(picture, name);
      return networkInput(checked(picture, name), description);
    }
    if (isBrowser() && typeof picture === 'object') return fromPage(picture, name);
    throw new TypeError(
      `classify: expected ${name} to be bytes, a Blob or pixels, in a page also an image, got ${typeof picture}. Read a file first`,
    );
  };
}

const isPixels = (picture: Picture): picture is Pixels =>
  typeof picture === 'object' && picture !== null && 'data' in picture;

function checked(pixels: Pixels, name: string): Pixels {
  const { data, width, height } = pixels;
  const step = data.length / (width * height);
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  if (isBytes && (step === 3 || step === 4)) return pixels;
  throw new BadImageError(
    `classify: expected ${width * height * 3} or ${width * height * 4} bytes for the ${width}x${height} pixels of ${name}, got ${data.length} in ${data.constructor.name}. Pass red, green, blue and perhaps alpha`,
    'damaged',
  );
}
