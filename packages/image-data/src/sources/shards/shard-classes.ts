import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ClassMap, readClassMap } from '../class-map.ts';

/** Names of files with the class names of shards beside them. */
const CLASS_FILES = ['classes.json', 'classes.txt'] as const;

/** Where class names may come from besides a file. */
export interface ShardClassesOptions {
  readonly classMap: ClassMap | undefined;
  /** Asked last. Default: the numbers themselves. */
  readonly otherwise?: () => Promise<readonly string[]>;
}

/**
 * The class names of shards: those of `classMap`, else of a file `classes.json` or `classes.txt` beside the first
 * shard or one folder up, else what `otherwise` says.
 *
 * @throws RangeError when a label has no name.
 */
export async function shardClasses(
  caller: string,
  shard: string,
  classCount: number,
  { classMap, otherwise = async () => numbers(classCount) }: ShardClassesOptions,
): Promise<readonly string[]> {
  const origin = classMap ?? (await findClassFile(shard));
  const classNames = origin === undefined ? await otherwise() : await readClassMap(origin);
  if (classNames.length < classCount) {
    throw new RangeError(
      `${caller}: expected a name for each class, got ${classNames.length} names from ${nameOf(origin)} and the label ${classCount - 1} in the shards. Labels count from 0: name every class.`,
    );
  }
  return classNames;
}

function nameOf(origin: ClassMap | undefined): string {
  if (typeof origin === 'string') return origin;
  return origin === undefined ? 'the files themselves' : 'classMap';
}

/** Names for classes that have none. */
export function numbers(classCount: number): string[] {
  return Array.from({ length: classCount }, (_, i) => String(i));
}

async function findClassFile(shard: string): Promise<string | undefined> {
  const folder = dirname(shard);
  for (const place of [folder, dirname(folder)]) {
    for (const name of CLASS_FILES) {
      const path = join(place, name);
      const isFile = await stat(path).then(
        (stats) => stats.isFile(),
        () => false,
      );
      if (isFile) return path;
    }
  }
  return undefined;
}
