import type { ByteReader } from '../shards/byte-reader.ts';
import { maskedCrc32c } from './crc32c.ts';

/** A record's place in its file. */
export interface RecordPlace {
  /** Where its data begins. */
  readonly offset: number;
  /** Bytes of data, without the CRC that follows it. */
  readonly size: number;
}

/** A length and its CRC precede the data, and the data's CRC follows it. */
const HEADER_BYTES = 12;

/** Bytes of the CRC after the data. */
export const CRC_BYTES = 4;

/**
 * The records of a TFRecord file: `uint64 length, uint32 masked CRC of length, data, uint32 masked CRC of data`, little-endian.
 *
 * @throws Error with file and offset when a length fails its CRC or leads beyond the end: where the next record begins
 * is then unknown.
 */
export async function* recordPlaces(reader: ByteReader, file: string): AsyncGenerator<RecordPlace> {
  let position = 0;
  while (position < reader.size) {
    const header = await reader.read(position, HEADER_BYTES);
    if (header.length < HEADER_BYTES) throw damaged(file, position, 'the end of the file');
    if (maskedCrc32c(header.subarray(0, 8)) !== header.readUInt32LE(8)) {
      throw damaged(file, position, whatInstead(header, position));
    }
    const size = header.readUInt32LE(0) + header.readUInt32LE(4) * 2 ** 32;
    const offset = position + HEADER_BYTES;
    if (size + CRC_BYTES > reader.size - offset) {
      throw damaged(
        file,
        position,
        `a record of ${size} bytes where ${reader.size - offset} are left`,
      );
    }
    yield { offset, size };
    position = offset + size + CRC_BYTES;
  }
}

/** Whether data agrees with the masked CRC that follows it. */
export function isIntact(dataAndCrc: Buffer): boolean {
  const size = dataAndCrc.length - CRC_BYTES;
  return maskedCrc32c(dataAndCrc.subarray(0, size)) === dataAndCrc.readUInt32LE(size);
}

function whatInstead(header: Buffer, position: number): string {
  const isGzip = position === 0 && header[0] === 0x1f && header[1] === 0x8b;
  return isGzip ? 'gzip: unpack the file with gunzip first' : 'a length that fails its CRC';
}

function damaged(file: string, position: number, found: string): Error {
  return new Error(
    `tfRecords: expected a record at byte ${position} of ${file}, found ${found}. If the file is damaged or cut off, copy or make it again.`,
  );
}
