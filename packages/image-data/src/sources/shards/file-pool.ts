import { type FileHandle, open } from 'node:fs/promises';

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  users: number;
}

/** Keeps the files last used open, up to a limit: a data set may have more shards than a process may open files. */
export class FilePool {
  readonly #limit: number;
  readonly #check: (path: string, file: FileHandle) => Promise<void>;
  /** By path, the one used longest ago first. */
  readonly #files = new Map<string, OpenFile>();
  #closed = false;

  /** @param check - Called with each file that is opened; throws to refuse it. */
  constructor(
    check: (path: string, file: FileHandle) => Promise<void> = async () => {},
    limit = 64,
  ) {
    this.#check = check;
    this.#limit = limit;
  }

  /** Calls `use` with the open file, which stays open at least until the result is there. */
  async with<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error(`${path}: expected an open source, got one that was closed.`);
    const file = this.#files.get(path) ?? { handle: this.#open(path), users: 0 };
    this.#files.delete(path);
    this.#files.set(path, file);
    file.users++;
    try {
      return await use(await file.handle);
    } catch (error) {
      // A file that could not be opened is tried again next time.
      await file.handle.catch(() => {
        if (this.#files.get(path) === file) this.#files.delete(path);
      });
      throw error;
    } finally {
      file.users--;
      await this.#closeIdle(this.#closed ? 0 : this.#limit);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#closeIdle(0);
  }

  async #open(path: string): Promise<FileHandle> {
    const file = await open(path, 'r');
    try {
      await this.#check(path, file);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #closeIdle(limit: number): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [path, { handle, users }] of this.#files) {
      if (this.#files.size <= limit) break;
      if (users > 0) continue;
      this.#files.delete(path);
      closing.push(handle.then((file) => file.close()));
    }
    await Promise.all(closing);
  }
}
