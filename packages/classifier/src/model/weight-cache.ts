const NAME = 'bag-of-tricks-classifier';

/** A file of an export as it was loaded. */
export interface LoadedFile {
  readonly url: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Of weights; texts have none, for they are loaded anew while there is a network. */
  readonly sha256?: string;
}

/** What was loaded before, in the browser's Cache Storage. A cache that refuses is no error: it is loaded again the next time. */
export interface WeightCache {
  text(url: string): Promise<string | undefined>;
  /** Of this digest: what was damaged meanwhile is forgotten. */
  bytes(url: string, sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Keeps all files of an export, in the place of what was kept beside them. */
  keep(files: readonly LoadedFile[]): Promise<void>;
}

/** In hexadecimals; null on pages that are not secure, which lack it. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes);
  if (!digest) return null;
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const keyOf = ({ url, sha256 }: Omit<LoadedFile, 'body'>): string => {
  const key = new URL(url);
  if (sha256 !== undefined) key.searchParams.set('sha256', sha256);
  return key.href;
};

const folderOf = (url: string) => new URL('.', url).href;

/** Cache Storage, where there is one: browsers have it on secure pages and localhost, but not in frames without an origin. */
export async function openCache(): Promise<WeightCache | null> {
  let cache: Cache;
  try {
    cache = await caches.open(NAME);
  } catch {
    return null;
  }
  const unlessRefused = <Result>(use: () => Promise<Result>) => use().catch(() => undefined);
  const bytes: WeightCache['bytes'] = async (url, sha256) => {
    const key = keyOf({ url, sha256 });
    const kept = await (await cache.match(key))?.arrayBuffer();
    if (!kept) return;
    const body = new Uint8Array(kept);
    if ((await sha256Of(body)) === sha256) return body;
    await cache.delete(key);
  };
  const keep: WeightCache['keep'] = async (files) => {
    const keys = files.map(keyOf);
    const kept = new Set((await cache.keys()).map(({ url }) => url));
    const folder = folderOf(keys[0]!);
    const old = [...kept].filter((url) => folderOf(url) === folder && !keys.includes(url));
    for (const url of old) await cache.delete(url);
    for (const [i, { body, sha256 }] of files.entries()) {
      if (sha256 !== undefined && kept.has(keys[i]!)) continue;
      await unlessRefused(() => cache.put(keys[i]!, new Response(body)));
    }
  };
  return {
    text: (url) => unlessRefused(async () => (await cache.match(url))?.text()),
    bytes: (url, sha256) => unlessRefused(() => bytes(url, sha256)),
    keep: (files) => unlessRefused(() => keep(files)),
  };
}
