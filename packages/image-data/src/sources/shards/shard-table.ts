import type { FileHandle } from 'node:fs/promises';
import { NameTable } from '../name-table.ts';
import type { ShardEntry } from './shard-entry.ts';
import { type IndexKey, isUnchanged } from './shard-index.ts';

const NOTHING = Buffer.alloc(0);

/** The images of all shards, in about 20 bytes and a name each. */
export class ShardTable {
  readonly #shards: string[] = [];
  readonly #keys = new Map<string, IndexKey>();
  /** Images in all shards up to and with this one. */
  readonly #ends: number[] = [];
  readonly #names = new NameTable();
  #offsets = new Float64Array(1024);
  #sizes = new Float64Array(1024);
  #labels = new Int32Array(1024);

  get size(): number {
    return this.#names.size;
  }

  /** The paths of the shards. */
  get shards(): readonly string[] {
    return this.#shards;
  }

  /** One more than the greatest label. */
  get classCount(): number {
    return (
      this.#labels.subarray(0, this.size).reduce((most, label) => Math.max(most, label), -1) + 1
    );
  }

  addShard(path: string, key: IndexKey, entries: readonly ShardEntry[]): void {
    for (const { name, offset, size, label } of entries) {
      const index = this.size;
      if (index === this.#labels.length) this.#grow(index * 2);
      this.#names.add(NOTHING, Buffer.from(name));
      this.#offsets[index] = offset;
      this.#sizes[index] = size;
      this.#labels[index] = label;
    }
    this.#shards.push(path);
    this.#keys.set(path, key);
    this.#ends.push(this.size);
  }

  /**
   * Refuses a shard that was replaced since it was listed: its images would no longer lie where they did.
   *
   * @throws Error
   */
  async checkUnchanged(path: string, file: FileHandle): Promise<void> {
    const key = this.#keys.get(path);
    if (key !== undefined && !isUnchanged(key, await file.stat({ bigint: true }))) {
      throw new Error(
        `${path}: expected the shard as it was when its index was read, found it changed. Start again, which makes the index anew.`,
      );
    }
  }

  label(index: number): number {
    return this.#labels[index]!;
  }

  get(index: number): ShardEntry & { readonly shard: string } {
    return {
      shard: this.#shards[this.#shardOf(index)]!,
      name: this.#names.get(index).toString(),
      offset: this.#offsets[index]!,
      size: this.#sizes[index]!,
      label: this.#labels[index]!,
    };
  }

  /** Binary search for the first shard that ends after `index`. */
  #shardOf(index: number): number {
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! > index) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #grow(capacity: number): void {
    const copy = <T extends Float64Array | Int32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#offsets = copy(new Float64Array(capacity), this.#offsets);
    this.#sizes = copy(new Float64Array(capacity), this.#sizes);
    this.#labels = copy(new Int32Array(capacity), this.#labels);
  }
}
