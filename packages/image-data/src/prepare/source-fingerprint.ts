import { createHash } from 'node:crypto';
import type { ImageSource } from '../source.ts';

/** What tells one source from another: its images' names below the source's own, and their labels. */
export function describeSource(source: ImageSource): { images: number; sourceSha256: string } {
  const hash = createHash('sha256').update(JSON.stringify(source.classNames));
  for (let i = 0; i < source.size; i++) {
    const name = source.describe(i);
    const own = name.startsWith(source.name) ? name.slice(source.name.length) : name;
    hash.update(`${own}\0${source.label(i)}\n`);
  }
  return { images: source.size, sourceSha256: hash.digest('hex') };
}
