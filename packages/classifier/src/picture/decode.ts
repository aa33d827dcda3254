import { loadOptional } from '../load-optional.ts';
import type { Pixels } from './network-input.ts';

/**
 * Turns an encoded picture, a JPEG, PNG, WebP or the first frame of a GIF, into its pixels at their own size, as they are stored: EXIF
 * turns nothing, alpha is not multiplied in, a colour profile is ignored. `name` is what messages call it.
 */
export type DecodePicture = (bytes: Uint8Array, name: string) => Promise<Pixels>;

let found: Promise<DecodePicture> | undefined;

/** Node's, one for the process: image-data, which the training decodes by, or else sharp. */
export function findDecoder(): Promise<DecodePicture> {
  found ??= find();
  return found;
}

async function find(): Promise<DecodePicture> {
  const failures: string[] = [];
  for (const open of [imageDataDecoder, sharpDecoder]) {
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

export async function imageDataDecoder(): Promise<DecodePicture> {
  const { createImageDecoder } = (await loadOptional(
    '@bag-of-tricks/image-data',
  )) as typeof import('@bag-of-tricks/image-data');
  const decoder = await createImageDecoder({ size: 1, antialias: true, exifOrientation: false });
  return async (bytes, name) => {
    const image = { kind: 'encoded', bytes } as const;
    const header = decoder.header(image, name);
    const size = { height: header.height, width: header.width };
    const placement = {
      ...{ window: { top: 0, left: 0, ...size }, resized: size },
      ...{ offset: { top: 0, left: 0 }, flip: false },
    };
    const request = { image, name, placement, header };
    const { images, failures } = await decoder.decode([request], { size });
    if (failures[0]) throw failures[0].error;
    return { data: images, ...size };
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
