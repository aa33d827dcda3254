import { stat } from 'node:fs/promises';
import type { FileListing, ListedFile } from '../source.ts';
import { systemPath } from './system-path.ts';

/** Files whose sizes are asked for: more would take longer than a second, and on a network share minutes. */
const mostSizes = 2 ** 16;

const chunk = 1024;

const sizeOf = (path: string | Uint8Array): Promise<number | null> =>
  stat(systemPath(path)).then(
    ({ size }) => size,
    () => null,
  );

/**
 * The files of a listing, some at a time. All have names and labels; sizes are those of at most 65,536 of them, evenly spaced, and null
 * for the others and for files that are gone.
 */
export async function* listFiles({
  count,
  at,
}: FileListing): AsyncGenerator<ListedFile[], void, undefined> {
  const stride = Math.ceil(count / mostSizes);
  for (let first = 0; first < count; first += chunk) {
    const files = Array.from({ length: Math.min(chunk, count - first) }, (_, i) => at(first + i));
    const sizes = await Promise.all(
      files.filter((_, i) => (first + i) % stride === 0).map(({ path }) => sizeOf(path())),
    );
    let next = 0;
    yield files.map(({ name, label }, i) => {
      const bytes = (first + i) % stride === 0 ? sizes[next++]! : null;
      return { name, label, bytes };
    });
  }
}
