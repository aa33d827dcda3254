import { isUtf8 } from 'node:buffer';
import type { PathLike } from 'node:fs';

/**
 * A path as Node's functions are to get it: on Windows as text, for of text alone Node makes paths that may be longer than 260 characters
 * (`\\?\`). Elsewhere as it is, since names on Linux need not be UTF-8.
 */
export const systemPath = (path: PathLike | Uint8Array, os: string = process.platform): PathLike =>
  os === 'win32' && path instanceof Uint8Array && isUtf8(path)
    ? Buffer.from(path).toString()
    : (path as PathLike);
