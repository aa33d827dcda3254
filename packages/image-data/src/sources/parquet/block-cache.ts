interface Block<T> {
  readonly value: Promise<T>;
  /** Unknown until it is loaded. */
  bytes: number;
}

/** How a block that is not there is loaded. */
export interface BlockLoad<T> {
  /** How large it will be, about. */
  readonly bytes: number;
  readonly load: () => Promise<T>;
}

/**
 * Keeps the blocks last used up to a number of bytes, those under way included; a block that is larger is loaded alone.
 * A block asked for twice at the same time is loaded once.
 */
export class BlockCache<T> {
  readonly #limit: number;
  readonly #sizeOf: (value: T) => number;
  /** By key, the one used longest ago first. */
  readonly #blocks = new Map<number, Block<T>>();
  #bytes = 0;
  #loadingBytes = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limitBytes: number, sizeOf: (value: T) => number) {
    this.#limit = limitBytes;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: number, from: BlockLoad<T>): Promise<T> {
    const block = this.#blocks.get(key) ?? this.#start(key, from);
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    return block.value;
  }

  clear(): void {
    this.#blocks.clear();
    this.#bytes = 0;
  }

  #start(key: number, from: BlockLoad<T>): Block<T> {
    const block: Block<T> = { value: this.#loadWhenThereIsRoom(from), bytes: 0 };
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

  async #loadWhenThereIsRoom({ bytes, load }: BlockLoad<T>): Promise<T> {
    while (this.#loadingBytes > 0 && this.#loadingBytes + bytes > this.#limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#loadingBytes += bytes;
    this.#evict();
    try {
      return await load();
    } finally {
      this.#loadingBytes -= bytes;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  #evict(): void {
    for (const [key, { bytes }] of this.#blocks) {
      if (this.#bytes + this.#loadingBytes <= this.#limit) return;
      if (bytes === 0) continue;
      this.#blocks.delete(key);
      this.#bytes -= bytes;
    }
  }
}
