const NAME = 'bag-of-tricks-classifier';

/** What was loaded before, in the browser's Cache Storage. A cache that refuses is no error: it is loaded again the next time. */
export interface WeightCache {
  text(url: string): Promise<string | undefined>;
  keepText(url: string, text: string): Promise<void>;
  /**
   * A file as it was kept, if the server has no newer one.
   *
   * @param state Of the files that describe the weights (`stateOf`).
   */
  bytes(url: string, state: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Keeps a file in the place of what was kept for other states. @param stamp What the server said of it (`stampOf`). */
  keepBytes(url: string, state: string, file: StampedFile): Promise<void>;
}

/** A file, and how a server tells it from a newer one. */
export interface StampedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stamp: string;
}

const STAMP = 'x-stamp';

/** By its entity tag and its date; of a server that sends neither, all are the same. */
export const stampOf = ({ ok, headers }: Response): string =>
  ok ? `${headers.get('etag')} ${headers.get('last-modified')}` : 'not there';

/** A name for texts: their SHA-256. */
export async function stateOf(texts: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(texts.join('\0')));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Cache Storage, where there is one: browsers have it on secure pages and localhost. */
export async function openCache(): Promise<WeightCache | null> {
  const cache = await globalThis.caches?.open(NAME).catch(() => null);
  if (!cache) return null;
  const put = (url: string, body: BodyInit, stamp = '') =>
    cache.put(url, new Response(body, { headers: { [STAMP]: stamp } })).catch(() => {});
  const keyed = (url: string, state: string) => `${url}?state=${state}`;
  return {
    text: async (url) => (await cache.match(url))?.text(),
    keepText: (url, text) => put(url, text),
    async bytes(url, state) {
      const kept = await cache.match(keyed(url, state));
      if (!kept) return undefined;
      // Without a network it is as good as any.
      const now = await fetch(url, { method: 'HEAD', cache: 'no-cache' }).catch(() => null);
      if (now && stampOf(now) !== kept.headers.get(STAMP)) return undefined;
      return new Uint8Array(await kept.arrayBuffer());
    },
    async keepBytes(url, state, { bytes, stamp }) {
      await cache.delete(url, { ignoreSearch: true });
      await put(keyed(url, state), bytes, stamp);
    },
  };
}
