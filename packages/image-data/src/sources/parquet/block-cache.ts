interface Block<T> {
  readonly value: Promise<T>;
  /** Unknown until it is loaded. */
  bytes: number;
}

/** Keeps the blocks last used up to a number of bytes; a block asked for twice at the same time is loaded once. */
export class BlockCache<T> {
  readonly #limit: number;
  readonly #sizeOf: (value: T) => number;
  /** By key, the one used longest ago first. */
  readonly #blocks = new Map<number, Block<T>>();
  #bytes = 0;

  constructor(limitBytes: number, sizeOf: (value: T) => number) {
    this.#limit = limitBytes;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: number, load: () => Promise<T>): Promise<T> {
    const block = this.#blocks.get(key) ?? this.#load(key, load);
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    return block.value;
  }

  clear(): void {
    this.#blocks.clear();
    this.#bytes = 0;
  }

  #load(key: number, load: () => Promise<T>): Block<T> {
    const block: Block<T> = { value: load(), bytes: 0 };
    block.value.then(
      (value) => {
        if (this.#blocks.get(key) !== block) return;
        block.bytes = this.#sizeOf(value);
        this.#bytes += block.bytes;
        this.#evict();
      },
      // Whoever asked gets the error; the next one tries again.
      () => this.#blocks.delete(key),
    );
    return block;
  }

  #evict(): void {
    for (const [key, { bytes }] of this.#blocks) {
      if (this.#bytes <= this.#limit) return;
      if (bytes === 0) continue;
      this.#blocks.delete(key);
      this.#bytes -= bytes;
    }
  }
}
