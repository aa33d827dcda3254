import { BadImageError } from '../bad-image-error.ts';
import type { ImageDecoder } from '../decode/image-decoder.ts';
import type { ImageHeader } from '../decode/image-header.ts';
import type { ImageSource } from '../source.ts';

/** Images whose headers are read, evenly spaced. */
const sampled = 64;

/**
 * The headers of 64 images of a source, evenly spaced, or of all where there are fewer; those that cannot be read are left out.
 *
 * @example
 * ```ts no-run
 * import { createImageDecoder, imageFolder, sampleHeaders } from '@bag-of-tricks/image-data';
 *
 * const decoder = await createImageDecoder({ size: 8 });
 * const headers = await sampleHeaders(await imageFolder('photos'), decoder);
 * console.log(headers.map(({ width, height }) => `${width}x${height}`));
 * ```
 */
export async function sampleHeaders(
  source: ImageSource,
  decoder: Pick<ImageDecoder, 'header'>,
  signal?: AbortSignal,
): Promise<ImageHeader[]> {
  const count = Math.min(sampled, source.size);
  const headers: ImageHeader[] = [];
  for (let i = 0; i < count; i++) {
    const index = Math.floor((i * source.size) / count);
    try {
      const image = await source.read(index, signal);
      headers.push(decoder.header(image, source.describe(index)));
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
    }
  }
  return headers;
}

/** Images that may be kept decoded. */
export interface ToKeep {
  readonly source: ImageSource;
  /** How many of them are read. Default: all. */
  readonly images?: number;
  /** Those of `sampleHeaders`, where they are known. */
  readonly headers?: readonly ImageHeader[];
}

/**
 * The bytes that sources will take of the memory that they share in `keepDecoded`, one after the other, by the headers of 64 images of
 * each; one that does not fit takes none, nor does one in memory.
 *
 * @example
 * ```ts no-run
 * import { createImageDecoder, expectKept, imageFolder } from '@bag-of-tricks/image-data';
 *
 * const decoder = await createImageDecoder({ size: 8 });
 * const source = await imageFolder('photos');
 * console.log(await expectKept([{ source }], { decoder, bytes: 2 ** 30 }));
 * ```
 */
export async function expectKept(
  sources: readonly ToKeep[],
  {
    decoder,
    bytes,
    signal,
  }: {
    readonly decoder: Pick<ImageDecoder, 'header' | 'channels'>;
    readonly bytes: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<number> {
  let left = bytes;
  for (const { source, images = source.size, headers: known } of sources) {
    if (left === 0 || source.inMemory?.(0)) continue;
    const headers = known ?? (await sampleHeaders(source, decoder, signal));
    const pixels = headers.reduce((sum, { width, height }) => sum + width * height, 0);
    const needed = (images * pixels * decoder.channels) / Math.max(1, headers.length);
    if (needed <= left) left -= needed;
  }
  return bytes - left;
}
