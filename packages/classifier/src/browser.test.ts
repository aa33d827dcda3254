// The same pictures in headless Chromium and in Node.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  bundle,
  launchBrowser,
  openScript,
  type Page,
  type Served,
  serveFolders,
} from '@bag-of-tricks/test-browser';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallExport } from '../test/small-export.ts';
import { loadClassifier } from './index.ts';

const browser = await launchBrowser();
const pictures = join(import.meta.dirname, '../fixtures/pictures');
const names = readdirSync(pictures).sort();
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const models = {
  colour: smallExport({ exifOrientation: true }),
  stored: smallExport(),
  grey: smallExport({ channels: 1, mean: [120], std: [60], interpolation: 'lanczos' }),
};
const changing = smallExport();
const site = mkdtempSync(join(tmpdir(), 'site-'));
let served: Served;
let page: Page;

interface Answer {
  readonly backend: string;
  readonly results: (number[] | string)[];
  readonly leaked: number;
  readonly progress: number[];
}

const inPage = (backend: string, model: string, as: string, addresses: string[], options = {}) => {
  const task = { backend, folder: `/${model}/`, as, addresses, options };
  return page.evaluate(`classifyAll(${JSON.stringify(task)})`) as Promise<Answer>;
};

/** Of each picture the probabilities by class. */
const inNode = async (folder: string): Promise<number[][]> => {
  const classifier = await loadClassifier(folder);
  const files = names.map((name) => new Uint8Array(readFileSync(join(pictures, name))));
  const tops = await classifier.classifyBatch(files, { top: 100 });
  classifier.dispose();
  return tops.map((top) =>
    top!.toSorted((a, b) => a.index - b.index).map(({ probability }) => probability),
  );
};

describe.skipIf(!browser)('in headless Chromium', { tags: ['slow'] }, () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    await bundle(join(import.meta.dirname, '../test/page.ts'), join(site, 'page.js'));
    const folders = Object.entries({ ...models, changing }).map(([name, { folder }]) => [
      name,
      folder,
    ]);
    served = await serveFolders({ site, pictures, wasm, ...Object.fromEntries(folders) });
    page = await openScript(browser!, served, { global: 'classifyAll' });
  });

  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  test("decoded pixels are Pillow's, bit for bit", async () => {
    const expected = JSON.parse(readFileSync(join(pictures, '../pictures.json'), 'utf8'));
    const got = await page.evaluate(`Promise.all(${JSON.stringify(addresses)}.map(digestOf))`);
    expect(Object.fromEntries(names.map((name, i) => [name, (got as string[])[i]]))).toEqual(
      expected,
    );
  });

  const addresses = names.map((name) => `/pictures/${name}`);

  test.for(['cpu', 'wasm', 'webgl', 'webgpu'])(
    '%s says of each picture what Node says, to 1e-3',
    async (backend, { skip }) => {
      const adapter = 'navigator.gpu?.requestAdapter().then((found) => found !== null)';
      if (backend === 'webgpu') skip((await page.evaluate(adapter)) !== true, 'no WebGPU');
      for (const [model, { folder }] of Object.entries(models)) {
        const got = await inPage(backend, model, 'bytes', addresses);
        expect(got).toMatchObject({ backend, leaked: 0 });
        expect(got.progress.at(-1)).toBe(1);
        const expected = await inNode(folder);
        names.forEach((name, i) => {
          const result = got.results[i]!;
          const differences = expected[i]!.map((one, c) => Math.abs(one - Number(result[c])));
          const where = `${model} ${name}: ${result} for ${expected[i]}`;
          expect(Math.max(...differences), where).toBeLessThan(1e-3);
        });
      }
    },
  );

  test.each([
    // An image and a Blob are turned by EXIF if the description says so; a bitmap has been, and pixels are taken as they are.
    ['blob', ['colour', 'stored']],
    ['image', ['colour', 'stored']],
    ['bitmap', ['colour']],
    ['imageData', ['stored']],
  ] as const)('a picture as %s gives what its bytes give', async (as, described) => {
    for (const model of described) {
      const bytes = await inPage('wasm', model, 'bytes', addresses);
      const other = await inPage('wasm', model, as, addresses);
      names.forEach((name, i) => {
        expect([model, name, other.results[i]]).toEqual([model, name, bytes.results[i]]);
      });
    }
  });

  test('an image whose blob was revoked is read as it is shown', async () => {
    const [bytes, shown] = [
      await inPage('wasm', 'colour', 'bytes', ['/pictures/plain.jpg']),
      await inPage('wasm', 'colour', 'revoked', ['/pictures/plain.jpg']),
    ];
    expect(shown.results).toEqual(bytes.results);
    const stored = await inPage('wasm', 'stored', 'revoked', ['/pictures/plain.jpg']);
    expect(stored.results[0]).toContain('cannot be read');
  });

  test('a worker without a document gives the same', async () => {
    const task = { backend: 'wasm', folder: '/colour/', as: 'bytes', addresses, options: {} };
    const inWorker = await page.evaluate(`classifyInWorker(${JSON.stringify(task)})`);
    expect(inWorker).toEqual(await inPage('wasm', 'colour', 'bytes', addresses));
  });

  test('a GIF whose frame reaches beyond its screen is a bad image', async () => {
    const gif = readFileSync(join(pictures, 'plain.gif'));
    writeFileSync(join(site, 'beyond.gif'), gif.with(6, 50));
    const { results } = await inPage('wasm', 'colour', 'bytes', ['/site/beyond.gif']);
    expect(results).toEqual([
      expect.stringMatching(
        /^BadImageError: .* cannot be read \(it says 50x61 pixels and has 97x61\)/,
      ),
    ]);
  });

  test('pictures that are cut off, none or too large are refused', async () => {
    for (const name of names) {
      const bytes = readFileSync(join(pictures, name));
      writeFileSync(join(site, name), bytes.subarray(0, 0.9 * bytes.length));
    }
    writeFileSync(join(site, 'none.png'), 'no picture');
    const cut = await inPage(
      'wasm',
      'colour',
      'bytes',
      names.map((name) => `/site/${name}`),
    );
    const isCut = expect.stringMatching(/^BadImageError: .* which is cut short/);
    expect(cut.results).toEqual(names.map(() => isCut));
    const options = { maxPixels: 97 * 61 };
    const others = ['/site/none.png', '/pictures/large.jpg', '/pictures/plain.png'];
    const { results } = await inPage('wasm', 'colour', 'blob', others, options);
    expect(results).toEqual([
      expect.stringContaining('expected image 0 to be a JPEG, PNG, WebP or GIF, got 10 bytes'),
      expect.stringContaining('1 to 5917 pixels, got 900x600'),
      expect.any(Array),
    ]);
    const image = await inPage('wasm', 'colour', 'image', ['/pictures/none.png']);
    expect(image.results[0]).toContain('cannot be read (HTTP status 404)');
  });

  test('weights are kept for the next time, and without a network, but not for other weights', async () => {
    const { classifier, weights, write } = changing;
    // Without a network it is for the workers of a page too, of which one that has just ended may never answer.
    page = await openScript(browser!, served, { global: 'classifyAll' });
    const shards = () => served.requests.filter((path) => /^\/changing\/.*shard/.test(path)).length;
    const load = async (options = {}) => {
      const before = shards();
      const { results, progress } = await inPage('wasm', 'changing', 'bytes', [], options);
      expect([results, progress.at(-1)]).toEqual([[], 1]);
      return shards() - before;
    };
    expect(await load({ cache: false })).toBe(2);
    expect(await load()).toBe(2);
    expect(await load()).toBe(0);
    await page.setOfflineMode(true);
    expect(await load()).toBe(0);
    await expect(load({ cache: false })).rejects.toThrow('classifier.json to be readable, got');
    await page.setOfflineMode(false);
    classifier.provenance = { run: 'another' };
    write();
    expect(await load()).toBe(0);
    // Other weights in the last of the two files, under the same description.
    weights.writeFloatLE(0.5, weights.length - 12);
    write();
    expect(await load()).toBe(1);
    expect(await load()).toBe(0);
    const kept =
      "caches.open('bag-of-tricks-classifier').then((cache) => cache.keys()).then((all) => all.map(({ url }) => url).filter((url) => url.includes('/changing/')).length)";
    expect(await page.evaluate(kept)).toBe(4);
  });
});
