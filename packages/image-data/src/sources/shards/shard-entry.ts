/** Where one image lies in a shard. */
export interface ShardEntry {
  /** What messages call it inside the shard. */
  readonly name: string;
  /** In bytes from the beginning of the shard. */
  readonly offset: number;
  readonly size: number;
  readonly label: number;
}

/** More classes than any data set has: a damaged label must not make the reader name a billion of them. */
export const MAX_CLASSES = 1 << 20;
