import { serveFolders } from '@bag-of-tricks/test-browser';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { smallExport } from '../../test/small-export.ts';
import { loadClassifier } from '../index.ts';

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => vi.unstubAllGlobals());

/** Cache Storage, as much as is used of it; what it keeps, by address. */
function stubCaches() {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  const cache = {
    match: async (url: string) => (kept.has(url) ? new Response(kept.get(url)) : undefined),
    keys: async () => Array.from(kept.keys(), (url) => ({ url })),
    delete: async (url: string) => kept.delete(url),
    async put(url: string, response: Response) {
      kept.set(url, new Uint8Array(await response.arrayBuffer()));
    },
  };
  vi.stubGlobal('caches', { open: async () => cache });
  return { kept, cache };
}

/** Loads an export and returns how many shards came from the server. */
async function loadedShards(served: Awaited<ReturnType<typeof serveFolders>>): Promise<number> {
  const before = served.requests.length;
  (await loadClassifier(`${served.url}/model`)).dispose();
  return served.requests.slice(before).filter((path) => path.includes('shard')).length;
}

test('what is kept damaged is loaded anew, once', async () => {
  const { kept } = stubCaches();
  const served = await serveFolders({ model: smallExport().folder });
  expect(await loadedShards(served)).toBe(2);
  expect(await loadedShards(served)).toBe(0);
  const [first, second] = [...kept.keys()].filter((url) => url.includes('shard'));
  kept.set(
    first!,
    kept.get(first!)!.map((byte) => byte ^ 1),
  );
  kept.set(second!, kept.get(second!)!.slice(4));
  expect(await loadedShards(served)).toBe(2);
  expect(await loadedShards(served)).toBe(0);
  await served.close();
});

test.each(['match', 'keys', 'delete', 'put'] as const)(
  'a cache whose %s refuses is no error',
  async (method) => {
    const { kept, cache } = stubCaches();
    const served = await serveFolders({ model: smallExport().folder });
    await loadedShards(served);
    for (const url of kept.keys()) kept.set(url, new Uint8Array(1));
    kept.set(`${served.url}/model/old`, new Uint8Array(1));
    Object.assign(cache, { [method]: () => Promise.reject(new DOMException('', 'UnknownError')) });
    expect(await loadedShards(served)).toBe(2);
    await served.close();
  },
);
