/** Bytes that start positions of 32 bits can address. */
const MAX_BYTES = 2 ** 32 - 1;

/**
 * Millions of file names in two buffers: the bytes of all names, each closed by a zero byte (which no file name
 * holds), and where each starts. JavaScript strings would take four to six times the memory, and could not hold
 * names that are not UTF-8.
 */
export class NameTable {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #used = 0;
  #starts = new Uint32Array(1 << 12);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Appends `folder` + `name`. */
  add(folder: Buffer, name: Buffer): void {
    const end = this.#used + folder.length + name.length + 1;
    if (end > MAX_BYTES) {
      throw new RangeError(
        `imageFolder: expected file names of less than 4 GiB in all, got more after ${this.#size} files. Make tar shards of the folder.`,
      );
    }
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, end);
    if (this.#size === this.#starts.length) {
      const starts = new Uint32Array(this.#size * 2);
      starts.set(this.#starts);
      this.#starts = starts;
    }
    this.#starts[this.#size++] = this.#used;
    this.#bytes.set(folder, this.#used);
    this.#bytes.set(name, this.#used + folder.length);
    this.#bytes[end - 1] = 0;
    this.#used = end;
  }

  /** Sorts the names from index `first` on by their bytes: file systems list in no order that could be relied on. */
  sortFrom(first: number): void {
    const bytes = this.#bytes;
    this.#starts.subarray(first, this.#size).sort((a, b) => {
      let i = a;
      let j = b;
      while (bytes[i] === bytes[j] && bytes[i] !== 0) {
        i++;
        j++;
      }
      return bytes[i]! - bytes[j]!;
    });
  }

  /** Gives back the room that growing left over. */
  trim(): void {
    this.#bytes = Buffer.from(this.#bytes.subarray(0, this.#used));
    this.#starts = this.#starts.slice(0, this.#size);
  }

  /** Name `index` as bytes: a view, not to be changed. */
  get(index: number): Buffer {
    const start = this.#starts[index]!;
    return this.#bytes.subarray(start, this.#bytes.indexOf(0, start));
  }
}

function grown(bytes: Uint8Array, needed: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(bytes.length * 2, MAX_BYTES)));
  larger.set(bytes);
  return larger;
}
