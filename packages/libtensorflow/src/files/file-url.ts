import { posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';

export const scheme = 'file://';

/**
 * The path that a `file://` address means. With three slashes it is a URL, percent-encoded or not: `#`, `?` and a `%` that encodes
 * nothing stand for themselves. All else is a path as it is, relative to the working directory, as in tfjs-node: `file://./model`.
 *
 * @throws Error when its percent-encoding is no path.
 */
export function pathOf(url: string, { windows = process.platform === 'win32' } = {}): string {
  const path = url.slice(scheme.length);
  if (!path.startsWith('/')) return (windows ? win32 : posix).resolve(path);
  const literal = windows ? /%(?![\da-f]{2})|[#?]/gi : /%(?![\da-f]{2})|[#?\\]/gi;
  try {
    return fileURLToPath(scheme + path.replace(literal, encodeURIComponent), { windows });
  } catch (cause) {
    throw new Error(
      `file://: expected a percent-encoded path in UTF-8, got '${url}': ${(cause as Error).message}. Use pathToFileURL(path).href of node:url.`,
      { cause },
    );
  }
}
