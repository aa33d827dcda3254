import { BadImageError } from '../bad-image-error.ts';
import type { ImageSource } from '../source.ts';
import { inOrder } from './in-order.ts';
import { type PrepareImageOptions, prepareImage } from './prepare-image.ts';
import { keyOf } from './shard-names.ts';
import type { ShardPart } from './shard-parts.ts';
import type { ShardImage } from './write-shard.ts';

/** What `preparedImages` works with. */
export interface PreparedParts {
  readonly source: ImageSource;
  readonly settings: PrepareImageOptions;
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
}

/** The images of a shard in order, ready to be written; `onDone` is told of each, with the error of one that is left out. */
export async function* preparedImages(
  { source, settings, concurrency, signal }: PreparedParts,
  { indices, first }: ShardPart,
  onDone: (error: BadImageError | null) => void,
): AsyncGenerator<ShardImage> {
  const work = async ([position, index]: [number, number]) => {
    signal?.throwIfAborted();
    const describe = () => source.describe(index);
    try {
      const image = await prepareImage(await source.read(index, signal), describe, settings);
      const key = keyOf(first + position, describe());
      return { ...image, key, label: source.label(index) };
    } catch (error) {
      if (error instanceof BadImageError) return error;
      throw error;
    }
  };
  for await (const image of inOrder(indices.entries(), concurrency, work)) {
    const error = image instanceof BadImageError ? image : null;
    if (!(image instanceof BadImageError)) yield image;
    onDone(error);
    signal?.throwIfAborted();
  }
}
