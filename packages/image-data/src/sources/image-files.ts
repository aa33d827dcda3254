import type { ImageSource, StoredImage } from '../source.ts';
import { checkIndex } from './check-index.ts';
import { displayName } from './display-name.ts';
import { readImageFile } from './read-image-file.ts';

/** A file by its path, whose bytes need not be UTF-8, or an encoded image in memory. */
export type ImageFile = string | { readonly path: Uint8Array } | { readonly bytes: Uint8Array };

/**
 * Images without classes, in the order of the list: files by their paths, or encoded images in memory.
 *
 * @example
 * ```ts no-run
 * import { readFile } from 'node:fs/promises';
 * import { imageFiles } from '@bag-of-tricks/image-data';
 *
 * const source = imageFiles(['cat.jpg', { bytes: await readFile('dog.jpg') }]);
 * console.log(source.describe(0)); // cat.jpg
 * ```
 */
export function imageFiles(files: readonly ImageFile[], name = 'image files'): ImageSource {
  const at = (index: number) => {
    checkIndex(index, files.length, name);
    const file = files[index]!;
    return typeof file === 'string' ? { path: Buffer.from(file) } : file;
  };
  const describe = (index: number) => {
    const file = at(index);
    return 'path' in file ? displayName(file.path) : `image ${index}`;
  };
  return {
    ...{ name, classNames: [name], size: files.length, describe },
    label: () => 0,
    async read(index, signal): Promise<StoredImage> {
      const file = at(index);
      if ('bytes' in file) return { kind: 'encoded', bytes: file.bytes };
      const path = Buffer.from(file.path);
      const bytes = await readImageFile(path, () => describe(index), signal);
      return { kind: 'encoded', bytes, movable: true };
    },
    close: () => Promise.resolve(),
  };
}
