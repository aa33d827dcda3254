import { maskedCrc32c } from '../../src/sources/tfrecord/crc32c.ts';

/** Frames data as a record of a TFRecord file. */
export function encodeRecord(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, crc(length), data, crc(data)]);
}

/** A `tf.Example` whose features hold one value each: bytes, or a whole number. */
export function encodeExample(features: Record<string, Buffer | number>): Buffer {
  const entries = Object.entries(features).map(([key, value]) => {
    const list = typeof value === 'number' ? field(1, varint(value)) : field(1, value);
    const feature = field(typeof value === 'number' ? 3 : 1, list);
    return field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, feature)]));
  });
  return field(1, Buffer.concat(entries));
}

function crc(data: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(maskedCrc32c(data));
  return bytes;
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
