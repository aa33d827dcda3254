import { BadImageError } from '../../bad-image-error.ts';
import type { ImageSource } from '../../source.ts';
import { checkIndex } from '../check-index.ts';
import type { ClassMap } from '../class-map.ts';
import { checkImageBytes } from '../read-image-file.ts';
import { readExactly } from '../shards/byte-reader.ts';
import { findShards } from '../shards/find-shards.ts';
import { openShards } from '../shards/open-shards.ts';
import { shardClasses } from '../shards/shard-classes.ts';
import { ShardSource } from '../shards/shard-source.ts';
import { tarSamples } from './tar-samples.ts';

/** Options of `tarShards`. */
export interface TarShardsOptions {
  /** The subfolder or the beginning of the shards' names. As in `imageFolder`, `val` also finds `validation` and `test`. */
  readonly split?: string;
  /** Names of the classes. Default: `classes.json` or `classes.txt` beside the shards or one folder up, else numbers. */
  readonly classMap?: ClassMap;
  /** Called with what is odd but can be worked with, such as an index that cannot be written. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** What tells an index of this reader from others'. */
export const TAR_INDEX_KIND = 'tar';

/**
 * The images in tar archives as WebDataset lays them out: `00012.jpg` (or .jpeg, .png, .webp, .gif) with its class
 * number, from 0, in `00012.cls` or as `label` in `00012.json`. The key is the name up to the first dot of its last part.
 *
 * An index `<shard>.index` beside each shard says where every image lies, so that any image can be read at any time
 * and shuffling is truly random. It is made at the first opening, and again when the shard has changed.
 *
 * @param path - A folder of `*.tar`, a shard, names such as `train-{000..146}.tar` or `train-*.tar`, or a list of these.
 *
 * @example
 * ```ts no-run
 * import { tarShards } from '@bag-of-tricks/image-data';
 *
 * const train = await tarShards('imagenet-shards', { split: 'train' });
 * ```
 *
 * @throws Error when there is no shard, a shard is damaged, or an image has no label: with the shard and the place.
 */
export async function tarShards(
  path: string | readonly string[],
  { split, classMap, onWarning: warn = () => {}, signal }: TarShardsOptions = {},
): Promise<ImageSource> {
  const caller = 'tarShards';
  const accepts = (name: string) => name.endsWith('.tar');
  const shards = await findShards(path, { caller, kind: '*.tar', accepts, split, warn });
  const table = await openShards(shards, {
    kind: TAR_INDEX_KIND,
    list: (reader, shard) => tarSamples(reader, shard, warn),
    warn,
    signal,
  });
  if (table.size === 0) {
    throw new Error(
      `tarShards: expected images (.jpg .jpeg .png .webp .gif) in ${shards.join(', ')}, found none.`,
    );
  }
  const classNames = await shardClasses(caller, shards[0]!, table.classCount, { classMap });
  return new TarSource(typeof path === 'string' ? path : shards[0]!, classNames, table);
}

class TarSource extends ShardSource {
  async read(index: number, signal?: AbortSignal) {
    signal?.throwIfAborted();
    const describe = () => this.describe(index);
    checkIndex(index, this.size, this.name);
    const { shard, offset, size } = this.table.get(index);
    checkImageBytes(size, describe);
    const bytes = await this.files.with(shard, (file) => readExactly(file, offset, size, signal));
    if (bytes.length < size) {
      throw new BadImageError(describe(), 'lies beyond the end of the shard, which was shortened');
    }
    return { kind: 'encoded', bytes, movable: true } as const;
  }
}
