import { BadImageError } from '../bad-image-error.ts';
import { createImageDecoder } from '../decode/create-image-decoder.ts';
import type { ImageBudgetOptions } from '../decode/header/image-budget.ts';
import type { ImageDecoder, ImageDecoderOptions } from '../decode/image-decoder.ts';
import { readImage } from '../loader/read-image.ts';
import type { ImageSource } from '../source.ts';
import { resizeCenterCrop } from '../transforms/resize-center-crop.ts';

/** Images that are tried, evenly spaced, until one is good. */
const tried = 8;
const timeoutMs = 60_000;
const place = resizeCenterCrop({ size: 8, resize: 8 });

/**
 * Tries some images, so that a training does not end at its first evaluation where none can be used.
 *
 * @throws Error if not one of them is good.
 */
export async function requireUsable(
  source: ImageSource,
  {
    maxPixels,
    maxImageBytes,
    maxScanPixels,
    jpegDecoder,
    signal,
  }: Pick<ImageDecoderOptions, keyof ImageBudgetOptions | 'jpegDecoder'> & {
    signal?: AbortSignal | undefined;
  },
): Promise<void> {
  if (source.inMemory?.(0)) return;
  const budget = { maxPixels, maxImageBytes, maxScanPixels };
  const decoder = await createImageDecoder({ size: 8, threads: 1, jpegDecoder, ...budget });
  const count = Math.min(tried, source.size);
  try {
    let first: BadImageError | undefined;
    for (let i = 0; i < count; i++) {
      const problem = await problemOf(source, Math.floor((i * source.size) / count), {
        decoder,
        signal: signal ?? new AbortController().signal,
      });
      if (!problem) return;
      first ??= problem;
    }
    throw new Error(
      `${source.name}: expected validation images that can be used, got none among the ${count} that were tried; ${first!.message}. Mend the files, or give others.`,
    );
  } finally {
    await decoder.dispose();
  }
}

async function problemOf(
  source: ImageSource,
  index: number,
  { decoder, signal }: { readonly decoder: ImageDecoder; readonly signal: AbortSignal },
): Promise<BadImageError | undefined> {
  try {
    const image = await readImage(source, index, { timeoutMs, signal });
    const name = source.describe(index);
    const placement = place(decoder.header(image, name), Math.random);
    const { failures } = await decoder.decode([{ image, name, placement }], { signal });
    return failures[0]?.error;
  } catch (error) {
    if (error instanceof BadImageError) return error;
    throw error;
  }
}
