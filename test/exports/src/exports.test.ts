// What `exportModel` writes, against the network that it was written of.

import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadClassifier } from '@bag-of-tricks/classifier';
import {
  bundle,
  launchBrowser,
  openScript,
  type Page,
  serveFolders,
} from '@bag-of-tricks/test-browser';
import sharp from 'sharp';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { networkInput } from '../../../packages/classifier/src/picture/network-input.ts';
import { description } from '../../../packages/classifier/test/small-export.ts';
import { type ResNetExport, resnetExport } from './resnet-export.ts';

const classifier = join(import.meta.dirname, '../../../packages/classifier');
const pictures = join(classifier, 'fixtures/pictures');
const names = ['plain.jpg', 'alpha.png', 'grey.jpg', 'palette.png', 'large.jpg'];
const files = names.map((name) => join(pictures, name));

/** The pictures as the network's input, by another decoder. */
const readInputs = () =>
  Promise.all(
    files.map(async (file) => {
      const { data, info } = await sharp(file)
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      return [...networkInput({ ...info, data }, description)];
    }),
  );

/** By class, of the network itself. */
async function expectedOf(network: ResNetExport['network']) {
  const inputs = await readInputs();
  await tf.setBackend('tensorflow');
  const probabilities = tf.tidy(() => {
    const pixels = tf.reshape(tf.tensor2d(inputs), [-1, 16, 16, 3]);
    const { mean, std } = description;
    const images = tf.div(tf.sub(pixels, tf.tensor1d([...mean])), tf.tensor1d([...std]));
    return tf.softmax(network.apply(images as tf.Tensor4D, { training: false }));
  });
  return probabilities.array() as Promise<number[][]>;
}

function expectClose(
  expected: readonly number[][],
  got: readonly (readonly number[])[],
  tolerance: number,
): void {
  names.forEach((name, i) => {
    const differences = expected[i]!.map((one, c) => Math.abs(one - got[i]![c]!));
    expect(Math.max(...differences), `${name}: ${got[i]}`).toBeLessThan(tolerance);
  });
}

test.each([
  [null, 1e-4],
  ['float16', 1e-2],
  ['uint8', 0.1],
] as const)(
  'an export of %s says what its network says, to %d',
  { tags: ['slow'] },
  async (quantize, tolerance) => {
    const { folder, network } = await resnetExport(quantize);
    const expected = await expectedOf(network);
    const certain = expected.map((row) => Math.max(...row));
    expect(Math.min(...certain)).toBeGreaterThan(0.3);
    const different = new Set(expected.map((row) => row.map((one) => one.toFixed(2)).join()));
    expect(different.size).toBeGreaterThan(2);
    for (const backend of ['tensorflow', 'cpu', 'wasm']) {
      await tf.setBackend(backend);
      const loaded = await loadClassifier(folder);
      const tops = await loaded.classifyBatch(files.map((file) => readFileSync(file)));
      const byClass = tops.map((top) => top!.toSorted((a, b) => a.index - b.index));
      expectClose(
        expected,
        byClass.map((top) => top.map(({ probability }) => probability)),
        tolerance,
      );
      loaded.dispose();
    }
    network.dispose();
  },
);

const browser = await launchBrowser();

describe.skipIf(!browser)('in headless Chromium', { tags: ['slow'] }, () => {
  let page: Page;
  let expected: number[][];
  let close: () => Promise<void>;

  beforeAll(async () => {
    const { folder, network } = await resnetExport();
    expected = await expectedOf(network);
    network.dispose();
    const site = mkdtempSync(join(tmpdir(), 'site-'));
    const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
    await bundle(join(classifier, 'test/page.ts'), join(site, 'page.js'));
    const served = await serveFolders({ site, pictures, wasm, model: folder });
    close = () => served.close();
    page = await openScript(browser!, served, { global: 'classifyAll' });
  });

  afterAll(async () => {
    await browser?.close();
    await close?.();
  });

  test.for(['cpu', 'wasm', 'webgl', 'webgpu'])(
    '%s says of each picture what the network says, to 1e-3, and tf.loadGraphModel of the same pixels to 1e-4',
    async (backend, { skip }) => {
      const adapter = 'navigator.gpu?.requestAdapter().then((found) => found !== null)';
      if (backend === 'webgpu') skip((await page.evaluate(adapter)) !== true, 'no WebGPU');
      const addresses = names.map((name) => `/pictures/${name}`);
      const task = { backend, folder: '/model/', as: 'bytes', addresses, options: {} };
      const { results } = (await page.evaluate(`classifyAll(${JSON.stringify(task)})`)) as {
        readonly results: number[][];
      };
      expectClose(expected, results, 1e-3);
      const inputs = JSON.stringify((await readInputs()).flat());
      const own = `probabilitiesOf('${backend}', '/model/model.json', ${inputs})`;
      expectClose(expected, (await page.evaluate(own)) as number[][], 1e-4);
    },
  );
});
