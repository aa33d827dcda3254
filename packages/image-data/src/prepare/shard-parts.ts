import { epochOrder } from '../loader/epoch-order.ts';
import { shardName } from './shard-names.ts';

/** The images of one shard. */
export interface ShardPart {
  readonly file: string;
  /** Of the source, in the shard's order. */
  readonly indices: Int32Array;
  /** Number of its first image, over all shards. */
  readonly first: number;
}

/** What goes into which shard: all images in an order drawn by the seed. */
export function shardParts(
  size: number,
  { shardSize, seed }: { readonly shardSize: number; readonly seed: number },
): ShardPart[] {
  const all = Int32Array.from({ length: size }, (_, index) => index);
  const order = epochOrder(all, { seed, epoch: 0 });
  const total = Math.ceil(size / shardSize);
  return Array.from({ length: total }, (_, number) => {
    const first = number * shardSize;
    const indices = order.subarray(first, first + shardSize);
    return { file: shardName(number, total), indices, first };
  });
}
