import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What the lines of a file are folded into. */
export interface Fold {
  add(line: string): void;
}

/** A file that grows, and what its lines have been folded into so far. */
export interface FoldedFile<T extends Fold> {
  readonly fold: T;
  /** Reads what was added since the last call, whole lines only; returns whether anything was. */
  update(): boolean;
}

const chunkBytes = 1 << 20;

/**
 * Folds the lines of a growing file: each is read once, a last one without its end when the rest of it is there. A file that was
 * replaced or cut short is folded anew; one that is not there has no lines.
 *
 * @throws What the file system throws, except that the file is not there.
 */
export function foldLines<T extends Fold>(path: string, begin: () => T): FoldedFile<T> {
  let fold = begin();
  let offset = 0;
  let inode = 0;
  const readFrom = (file: number): boolean => {
    const { ino, size } = fstatSync(file);
    const isAnother = ino !== inode || size < offset;
    if (isAnother) [fold, offset, inode] = [begin(), 0, ino];
    const before = offset;
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const bytes = readSync(file, chunk, 0, chunkBytes, offset + rest.length);
      if (bytes === 0) return isAnother || offset > before;
      const text = Buffer.concat([rest, chunk.subarray(0, bytes)]);
      const end = text.lastIndexOf(10) + 1;
      rest = text.subarray(end);
      offset += end;
      if (end === 0) continue;
      for (const line of text.toString('utf8', 0, end - 1).split('\n')) fold.add(line);
    }
  };
  return {
    get fold() {
      return fold;
    },
    update() {
      let file: number;
      try {
        file = openSync(path, 'r');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
        throw error;
      }
      try {
        return readFrom(file);
      } finally {
        closeSync(file);
      }
    },
  };
}
