import { MAX_IMAGE_BYTES } from '../read-image-file.ts';
import type { ByteReader } from '../shards/byte-reader.ts';
import type { ShardEntry } from '../shards/shard-entry.ts';
import { type ExampleKeys, labelledExample } from './labelled-example.ts';
import { CRC_BYTES, isIntact, recordPlaces } from './records.ts';

/**
 * The records of a file with their labels. A record that fails its CRC, or is too large for an image, is listed with
 * label 0: reading it fails, and the policy for bad images decides.
 */
export async function* listRecords(
  reader: ByteReader,
  file: string,
  keys: Required<ExampleKeys>,
): AsyncGenerator<ShardEntry> {
  let number = 0;
  for await (const { offset, size } of recordPlaces(reader, file)) {
    const record = `record ${number++}`;
    const isTooLarge = size > MAX_IMAGE_BYTES;
    const bytes = isTooLarge ? undefined : await reader.read(offset, size + CRC_BYTES);
    if (bytes === undefined || !isIntact(bytes)) {
      yield { name: record, offset, size, label: 0 };
      continue;
    }
    const data = bytes.subarray(0, size);
    const { label, name } = labelledExample(data, `${record} of ${file}`, keys);
    yield { name: name === undefined ? record : `${record} (${name})`, offset, size, label };
  }
}
