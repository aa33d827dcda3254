import type { FileListing, ImageSource } from '../source.ts';
import { checkIndex } from './check-index.ts';
import type { ClassFolder } from './class-folders.ts';
import { joinBytes } from './directory-reader.ts';
import { displayName } from './display-name.ts';
import type { NameTable } from './name-table.ts';
import { readImageFile } from './read-image-file.ts';

/** Reads the images that were listed in class folders. */
export class FolderSource implements ImageSource {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly size: number;
  readonly #classes: readonly ClassFolder[];
  readonly #names: NameTable;
  readonly #labels: Int32Array;

  /** @param ends - For each class, how many images there are up to and with it. */
  constructor(name: string, classes: readonly ClassFolder[], names: NameTable, ends: Uint32Array) {
    this.name = name;
    this.classNames = classes.map(({ className }) => className);
    this.size = names.size;
    this.#classes = classes;
    this.#names = names;
    this.#labels = new Int32Array(names.size);
    ends.forEach((end, label) => {
      this.#labels.fill(label, label === 0 ? 0 : ends[label - 1], end);
    });
  }

  label(index: number): number {
    checkIndex(index, this.size, this.name);
    return this.#labels[index]!;
  }

  describe(index: number): string {
    return displayName(this.#path(index));
  }

  async read(index: number, signal?: AbortSignal) {
    const describe = () => this.describe(index);
    const bytes = await readImageFile(this.#path(index), describe, signal);
    return { kind: 'encoded', bytes, movable: true } as const;
  }

  get listing(): FileListing {
    const at = (index: number) => {
      const label = this.label(index);
      const name = `${this.classNames[label]}/${displayName(this.#names.get(index))}`;
      return { name, label, path: () => this.#path(index) };
    };
    return { count: this.size, at };
  }

  async close(): Promise<void> {}

  #path(index: number): Buffer {
    return joinBytes(this.#classes[this.label(index)]!.path!, this.#names.get(index));
  }
}
