import { BadImageError } from '../../bad-image-error.ts';
import { checkIndex } from '../check-index.ts';
import { checkImageBytes } from '../read-image-file.ts';
import { readExactly } from '../shards/byte-reader.ts';
import { numbers } from '../shards/shard-classes.ts';
import { ShardSource } from '../shards/shard-source.ts';
import type { ShardTable } from '../shards/shard-table.ts';
import { type ExampleKeys, type LabelledExample, labelledExample } from './labelled-example.ts';
import { CRC_BYTES, isIntact } from './records.ts';

/** Reads the records that a table lists. */
export class TfRecordSource extends ShardSource {
  /** Set once they are known: some come from the records themselves. */
  override classNames: readonly string[] = [];
  readonly #keys: Required<ExampleKeys>;

  constructor(name: string, table: ShardTable, keys: Required<ExampleKeys>) {
    super(name, [], table);
    this.#keys = keys;
  }

  async read(index: number, signal?: AbortSignal) {
    const { image } = await this.#example(index, signal);
    checkImageBytes(image.length, () => this.describe(index));
    return { kind: 'encoded', bytes: image } as const;
  }

  /** The class names that the first record of each class gives. */
  async classTexts(signal?: AbortSignal): Promise<string[]> {
    const classNames = numbers(this.table.classCount);
    const seen = new Set<number>();
    for (let i = 0; i < this.size && seen.size < classNames.length; i++) {
      const label = this.table.label(i);
      if (seen.has(label)) continue;
      try {
        const { text } = await this.#example(i, signal);
        seen.add(label);
        if (text !== undefined) classNames[label] = text;
      } catch (error) {
        // The next record of the class will do.
        if (!(error instanceof BadImageError)) throw error;
      }
    }
    return classNames;
  }

  async #example(index: number, signal?: AbortSignal): Promise<LabelledExample> {
    signal?.throwIfAborted();
    const describe = () => this.describe(index);
    checkIndex(index, this.size, this.name);
    const { shard, name, offset, size, label } = this.table.get(index);
    checkImageBytes(size, describe);
    const bytes = await this.files.with(shard, (file) =>
      readExactly(file, offset, size + CRC_BYTES, signal),
    );
    if (bytes.length < size + CRC_BYTES || !isIntact(bytes)) {
      throw new BadImageError(describe(), 'fails its CRC: the record is damaged');
    }
    const example = labelledExample(bytes.subarray(0, size), `${name} of ${shard}`, this.#keys);
    if (example.label !== label) {
      throw new Error(
        `${describe()}: expected class ${label} as when the file was opened, got ${example.label}. The file was replaced in the meantime: start again.`,
      );
    }
    return example;
  }
}
