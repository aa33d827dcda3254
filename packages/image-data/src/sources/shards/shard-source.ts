import type { FileListing, ImageSource, StoredImage } from '../../source.ts';
import { checkIndex } from '../check-index.ts';
import { wholeFiles } from '../whole-files.ts';
import { FilePool } from './file-pool.ts';
import type { ShardTable } from './shard-table.ts';

/** Images that lie in shards at the places which a table lists; how one is read, each kind of shard says. */
export abstract class ShardSource implements ImageSource {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly size: number;
  protected readonly table: ShardTable;
  protected readonly files: FilePool;

  constructor(name: string, classNames: readonly string[], table: ShardTable) {
    this.name = name;
    this.classNames = classNames;
    this.size = table.size;
    this.table = table;
    this.files = new FilePool((path, file) => table.checkUnchanged(path, file));
  }

  abstract read(index: number, signal?: AbortSignal): Promise<StoredImage>;

  label(index: number): number {
    checkIndex(index, this.size, this.name);
    return this.table.label(index);
  }

  describe(index: number): string {
    checkIndex(index, this.size, this.name);
    const { shard, name } = this.table.get(index);
    return `${shard}:${name}`;
  }

  get listing(): FileListing {
    return wholeFiles(this.table.shards);
  }

  close(): Promise<void> {
    return this.files.close();
  }
}
