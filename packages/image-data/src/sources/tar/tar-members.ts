import { displayName } from '../display-name.ts';
import type { ByteReader } from '../shards/byte-reader.ts';
import { parsePax } from './pax.ts';
import { BLOCK_BYTES, parseTarHeader, untilZero } from './tar-header.ts';

/** A file inside a tar archive. */
export interface TarMember {
  readonly name: Buffer;
  /** Where its content begins in the archive. */
  readonly offset: number;
  readonly size: number;
}

/** Longest long name or PAX header that is read, in bytes. */
const MAX_EXTENSION_BYTES = 1 << 20;

/** Headers that speak of the member after them: GNU's long name and long link, PAX for one member and for all. */
const EXTENSIONS = 'LKxg';

/** Regular files; `7`, a contiguous one, is read as such everywhere. */
const FILES = '0\x007';

/** Links, devices, folders and pipes: nothing follows their header, whatever size it gives. */
const WITHOUT_CONTENT = '123456';

/**
 * The regular files of a tar archive in its order: ustar, GNU long names and PAX headers (path and size).
 *
 * @throws Error with the archive and the offset where it is damaged: nothing after that place could be trusted.
 */
export async function* tarMembers(
  reader: ByteReader,
  archive: string,
  warn: (message: string) => void = () => {},
): AsyncGenerator<TarMember> {
  const damaged = (at: number, found: string) =>
    new Error(
      `tarShards: expected a tar header at byte ${at} of ${archive}, found ${found}. The shard is damaged or cut off: copy or make it again.`,
    );
  let position = 0;
  let links = 0;
  let override: { readonly name?: Buffer; readonly size?: number } = {};
  while (position < reader.size) {
    const block = await reader.read(position, BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) throw damaged(position, `${block.length} bytes`);
    const header = parseTarHeader(block);
    if (typeof header === 'string') throw damaged(position, header);
    if (header === undefined) {
      const data = await dataAfter(reader, position);
      if (data !== undefined) throw damaged(position, `the end mark, but data at byte ${data}`);
      return;
    }
    const isExtension = EXTENSIONS.includes(header.type);
    const stated = isExtension ? header.size : (override.size ?? header.size);
    const size = WITHOUT_CONTENT.includes(header.type) ? 0 : stated;
    const offset = position + BLOCK_BYTES;
    if (size > reader.size - offset) {
      throw damaged(
        position,
        `${displayName(override.name ?? header.name)} of ${size} bytes where ${reader.size - offset} are left`,
      );
    }
    if (header.type === 'L' || header.type === 'x') {
      if (size > MAX_EXTENSION_BYTES) throw damaged(position, `a name of ${size} bytes`);
      const content = Buffer.from(await reader.read(offset, size));
      const pax = header.type === 'L' ? { name: untilZero(content) } : parsePax(content);
      if (typeof pax === 'string') throw damaged(position, pax);
      override = { ...override, ...pax };
    } else if (!isExtension) {
      if (FILES.includes(header.type)) yield { name: override.name ?? header.name, offset, size };
      if ((header.type === '1' || header.type === '2') && links++ === 0) {
        warn(
          `${archive}: ${displayName(override.name ?? header.name)} is a link; links are left out.`,
        );
      }
      override = {};
    }
    position = offset + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  warn(`${archive}: the archive has no end mark, it may have been cut off.`);
}

/** Where the first byte that is not zero stands from `position` on: beyond an end mark there must be none. */
async function dataAfter(reader: ByteReader, position: number): Promise<number | undefined> {
  const stepBytes = 1 << 16;
  for (let at = position; at < reader.size; at += stepBytes) {
    const found = (await reader.read(at, stepBytes)).findIndex((byte) => byte !== 0);
    if (found !== -1) return at + found;
  }
  return undefined;
}
