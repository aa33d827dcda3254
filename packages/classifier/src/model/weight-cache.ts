const NAME = 'bag-of-tricks-classifier';

/** What was loaded before, in the browser's Cache Storage. A cache that refuses is no error: it is loaded again the next time. */
export interface WeightCache {
  text(url: string): Promise<string | undefined>;
  keepText(url: string, text: string): Promise<void>;
  /** @param state What belongs to the weights: of other weights it differs (`stateOf`). */
  bytes(url: string, state: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Keeps a file in the place of what was kept for other states. */
  keepBytes(url: string, state: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** A name for texts: their SHA-256. */
export async function stateOf(texts: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(texts.join('\0')));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Cache Storage, where there is one: browsers have it on secure pages and localhost. */
export async function openCache(): Promise<WeightCache | null> {
  const cache = await globalThis.caches?.open(NAME).catch(() => null);
  if (!cache) return null;
  const put = (url: string, body: BodyInit) => cache.put(url, new Response(body)).catch(() => {});
  const keyed = (url: string, state: string) => `${url}?state=${state}`;
  return {
    text: async (url) => (await cache.match(url))?.text(),
    keepText: put,
    async bytes(url, state) {
      const kept = await cache.match(keyed(url, state));
      return kept && new Uint8Array(await kept.arrayBuffer());
    },
    async keepBytes(url, state, bytes) {
      await cache.delete(url, { ignoreSearch: true });
      await put(keyed(url, state), bytes);
    },
  };
}
