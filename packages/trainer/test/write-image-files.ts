import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';

/** One labelled file of an image folder. */
interface LabelledFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly label: number;
}

const splits = ['train', 'val'] as const;

/** The images of `folder/<split>/<class>/`, in the order in which a folder numbers them. */
function imagesOf(folder: string, split: string): LabelledFile[] {
  return readdirSync(join(folder, split))
    .sort()
    .flatMap((name, label) =>
      readdirSync(join(folder, split, name))
        .sort()
        .map((file) => join(folder, split, name, file))
        .map((path) => ({ path, label, bytes: readFileSync(path) })),
    );
}

function writeClasses(target: string, folder: string): void {
  writeFileSync(join(target, 'classes.txt'), readdirSync(join(folder, 'train')).sort().join('\n'));
}

/** An image folder as Parquet, as Hugging Face writes it. */
export function writeParquet(target: string, folder: string): void {
  mkdirSync(target);
  writeClasses(target, folder);
  for (const split of splits) {
    const images = imagesOf(folder, split);
    parquetWriteFile({
      filename: join(target, `${split}-00000-of-00001.parquet`),
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
        { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
        { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
      ],
      columnData: [
        { name: 'image', data: images.map(({ bytes, path }) => ({ bytes, path })) },
        { name: 'label', data: images.map(({ label }) => BigInt(label)) },
      ],
    });
  }
}

/** An image folder as `tf.Example` records with ImageNet's keys. */
export function writeTfRecords(target: string, folder: string): void {
  mkdirSync(target);
  writeClasses(target, folder);
  for (const split of splits) {
    const records = imagesOf(folder, split).map(({ bytes, label }) => {
      const image = field(1, field(1, bytes));
      // ImageNet's labels count from 1.
      const number = field(3, Buffer.concat([Buffer.from([0x08]), varint(label + 1)]));
      const features = [entry('image/encoded', image), entry('image/class/label', number)];
      return record(field(1, Buffer.concat(features)));
    });
    const name = split === 'val' ? 'validation' : split;
    writeFileSync(join(target, `${name}-00000-of-00001`), Buffer.concat(records));
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A length-delimited field of a protocol buffer. */
function field(number: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(payload.length), payload]);
}

/** One entry of the map `Features.feature`. */
function entry(key: string, feature: Buffer): Buffer {
  return field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, feature)]));
}

/** A TFRecord: length, its checksum, the bytes, their checksum. */
function record(bytes: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, maskedChecksum(length), bytes, maskedChecksum(bytes)]);
}

/** CRC-32C, rotated and shifted as TensorFlow stores it. */
function maskedChecksum(bytes: Buffer): Buffer {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  crc = ~crc >>> 0;
  const result = Buffer.alloc(4);
  result.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return result;
}
