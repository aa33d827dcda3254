import { openCache, type WeightCache } from './weight-cache.ts';

/** The files of an export, in a folder or behind a URL. */
export interface ExportFiles {
  /** Where a file is, for messages. */
  where(name: string): string;
  text(name: string): Promise<string>;
  /** @param onBytes Called with how many bytes have come, as they come. */
  bytes(name: string, onBytes: (count: number) => void): Promise<Uint8Array<ArrayBuffer>>;
  /** Where weights are kept for the next time; null without Cache Storage. */
  readonly cache: WeightCache | null;
}

/** What of Node's modules is used here. */
interface NodeFiles {
  readFile(path: string | URL): Promise<Uint8Array<ArrayBuffer>>;
}

interface NodeProcess {
  getBuiltinModule?(name: 'node:fs/promises'): NodeFiles;
}

/** Asked for at run time, so that a bundle for browsers holds nothing of Node. */
const nodeFiles = () =>
  (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:fs/promises');

/** Opens an export: a URL, in browsers also a relative one, or in Node a folder. */
export async function openExport(
  folderOrUrl: string | URL,
  { cache }: { readonly cache: boolean },
): Promise<ExportFiles> {
  const node = nodeFiles();
  // A URL may be one of another window.
  const place = typeof folderOrUrl === 'string' ? folderOrUrl : folderOrUrl?.href;
  if (!place) {
    throw new TypeError(
      `loadClassifier: expected the folder or URL of an export, got ${JSON.stringify(folderOrUrl)}. Name the one that export made`,
    );
  }
  if (node && !/^https?:/.test(place)) return inFolder(place.replace(/\/+$/, ''), node);
  const url = new URL(place, globalThis.location?.href);
  return behindUrl(url, cache ? await openCache() : null);
}

function inFolder(folder: string, { readFile }: NodeFiles): ExportFiles {
  const where = (name: string) => `${folder}/${name}`;
  const read = (name: string) =>
    readFile(folder.startsWith('file:') ? new URL(where(name)) : where(name)).catch((cause) =>
      missing(where(name), cause instanceof Error ? cause.message : String(cause), cause),
    );
  return {
    where,
    cache: null,
    text: async (name) => new TextDecoder().decode(await read(name)),
    async bytes(name, onBytes) {
      const bytes = await read(name);
      onBytes(bytes.length);
      return bytes;
    },
  };
}

/** A query, such as a token, goes with each file. */
function behindUrl({ origin, pathname, search }: URL, cache: WeightCache | null): ExportFiles {
  const where = (name: string) => `${origin}${pathname.replace(/\/+$/, '')}/${name}${search}`;
  const get = async (name: string, init?: RequestInit) => {
    const response = await fetch(where(name), init);
    if (!response.ok) missing(where(name), `HTTP status ${response.status}`);
    return response;
  };
  return {
    where,
    cache,
    async text(name) {
      try {
        return await (await get(name, { cache: 'no-cache' })).text();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        // Without a network, what was here the last time.
        return (await cache?.text(where(name))) ?? missing(where(name), error.message, error);
      }
    },
    async bytes(name, onBytes) {
      const unreadable = (cause: unknown) => missing(where(name), String(cause), cause);
      const response = await get(name, { cache: 'no-cache' }).catch((error) =>
        error instanceof TypeError ? unreadable(error) : Promise.reject(error),
      );
      return readAll(response.body, onBytes).catch(unreadable);
    },
  };
}

function missing(where: string, got: string, cause?: unknown): never {
  throw new Error(
    `loadClassifier: expected ${where} to be readable, got ${got}. Name the folder or URL of a whole export`,
    { cause },
  );
}

async function readAll(body: ReadableStream<Uint8Array> | null, onBytes: (count: number) => void) {
  const chunks: Uint8Array[] = [];
  const reader = body?.getReader();
  let length = 0;
  for (;;) {
    const value = (await reader?.read())?.value;
    if (!value) break;
    chunks.push(value);
    length += value.length;
    onBytes(value.length);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
