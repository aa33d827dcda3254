import { createHash } from 'node:crypto';
import { writeWhole } from '@bag-of-tricks/durable-files';
import type { ShardEntry } from '../sources/shards/shard-entry.ts';
import { indexKey, writeIndex } from '../sources/shards/shard-index.ts';
import { TAR_INDEX_KIND } from '../sources/tar/tar-shards.ts';
import { TAR_END, tarMember } from '../sources/tar/tar-writer.ts';
import type { PreparedImage } from './prepare-image.ts';

/** An image on its way into a shard. */
export interface ShardImage extends PreparedImage {
  readonly key: string;
  readonly label: number;
}

/** Writes a tar shard, which appears under its name only when it is whole and on the disk, and its index. */
export async function writeShard(
  path: string,
  images: AsyncIterable<ShardImage>,
): Promise<{ images: number; bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const entries: ShardEntry[] = [];
  let bytes = 0;
  await writeWhole(path, async (file) => {
    const write = async (parts: readonly Uint8Array[]) => {
      const joined = Buffer.concat(parts);
      await file.writeFile(joined);
      hash.update(joined);
      bytes += joined.length;
    };
    for await (const { key, extension, bytes: content, label } of images) {
      const name = `${key}.${extension}`;
      const member = tarMember(name, content);
      entries.push({ name, offset: bytes + member[0]!.length, size: content.length, label });
      await write([...member, ...tarMember(`${key}.cls`, Buffer.from(String(label)))]);
    }
    await write([TAR_END]);
  });
  await writeIndex(path, await indexKey(path, TAR_INDEX_KIND), entries);
  return { images: entries.length, bytes, sha256: hash.digest('hex') };
}
