import { refuse } from '../bad-image-error.ts';
import { loadOptional } from '../load-optional.ts';
import type { InputDescription, Pixels } from './network-input.ts';
import type { ReadOptions } from './read-picture.ts';

/**
 * Turns an encoded picture, a JPEG, PNG, WebP or the first frame of a GIF, into its pixels at their own size, as they are stored: EXIF
 * turns nothing, alpha is not multiplied in, a colour profile is ignored. `name` is what messages call it.
 */
export type DecodePicture = (bytes: Uint8Array, name: string) => Promise<Pixels>;

/** What the network takes, and how pictures are read. */
type Wanted = InputDescription & Pick<ReadOptions, 'exifOrientation' | 'maxPixels'>;

/** Makes the network's input of an encoded picture, uint8 `[imageSize, imageSize, channels]`; rejects with `BadImageError` where that is the picture's fault. */
type ReadEncoded = (bytes: Uint8Array, name: string, wanted: Wanted) => Promise<Uint8Array>;

/** Node's ways to read pictures: image-data also resizes, both in threads of its own; sharp only decodes. */
type NodeReader = { readonly read: ReadEncoded } | { readonly decode: DecodePicture };

let found: Promise<NodeReader> | undefined;

/** Node's, one for the process: image-data, which the training decodes by, or else sharp. */
export function findReader(): Promise<NodeReader> {
  found ??= find();
  return found;
}

async function find(): Promise<NodeReader> {
  const failures: string[] = [];
  const openings = [
    async () => ({ read: await imageDataReader() }),
    async () => ({ decode: await sharpDecoder() }),
  ];
  for (const open of openings) {
    try {
      return await open();
    } catch (error) {
      failures.push(error instanceof Error ? error.message.split('\n')[0]! : String(error));
    }
  }
  throw new Error(
    `classify: expected a decoder of pictures, got none (${failures.join('; ')}). Run npm install @bag-of-tricks/image-data, or sharp, or pass { decode }`,
  );
}

/** Decodes and resizes only what the crop shows. */
export async function imageDataReader(): Promise<ReadEncoded> {
  const { BadImageError, createImageDecoder, resizeCenterCrop } = (await loadOptional(
    '@bag-of-tricks/image-data',
  )) as typeof import('@bag-of-tricks/image-data');
  // Fails here where TensorFlow's library is missing.
  await createImageDecoder({ size: 1 });
  /** With threads that serve all classifiers of the process that want the same. */
  const decoders = new Map<string, ReturnType<typeof createImageDecoder>>();
  return async (bytes, name, { imageSize: size, evalResize: resize, ...wanted }) => {
    const { channels, interpolation, antialias, exifOrientation, maxPixels } = wanted;
    const options = { size, channels, interpolation, antialias, exifOrientation, maxPixels };
    const key = JSON.stringify(options);
    const opened = decoders.get(key) ?? createImageDecoder(options);
    decoders.set(key, opened);
    try {
      const decoder = await opened;
      const image = { kind: 'encoded', bytes } as const;
      const header = decoder.header(image, name);
      const placement = resizeCenterCrop({ size, resize })(header, Math.random);
      const { images, failures } = await decoder.decode([{ image, name, header, placement }]);
      if (failures[0]) throw failures[0].error;
      return images;
    } catch (error) {
      if (error instanceof BadImageError) refuse(name, error);
      // Threads that have ended do not come back: the next picture gets others.
      if (decoders.get(key) === opened) decoders.delete(key);
      void opened.then((decoder) => decoder.dispose()).catch(() => {});
      throw error;
    }
  };
}

export async function sharpDecoder(): Promise<DecodePicture> {
  const { default: sharp } = (await loadOptional('sharp')) as typeof import('sharp');
  return async (bytes) => {
    const { data, info } = await sharp(bytes, {
      ...{ failOn: 'error', ignoreIcc: true, limitInputPixels: false },
    })
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  };
}
