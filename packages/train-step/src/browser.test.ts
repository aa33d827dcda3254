// A network of ours trains in headless Chromium, on each backend of TensorFlow.js, as in Node.
import { mkdtempSync } from 'node:fs';
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
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resnetSteps } from '../test/resnet-steps.ts';

const browser = await launchBrowser();
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const site = mkdtempSync(join(tmpdir(), 'site-'));
let expected: readonly number[];
let served: Served;
let page: Page;

describe.skipIf(!browser)('in headless Chromium', { tags: ['slow'] }, () => {
  beforeAll(async () => {
    expected = (await resnetSteps('cpu')).losses;
    await bundle(join(import.meta.dirname, '../test/page.ts'), join(site, 'page.js'));
    served = await serveFolders({ site, wasm });
    page = await openScript(browser!, served, { global: 'resnetSteps' });
  });

  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  test.for(['cpu', 'wasm', 'webgl', 'webgpu'])(
    "two steps of ResNet-20-D on %s have the losses of Node's, to 1e-3",
    async (backend, { skip }) => {
      const adapter = 'navigator.gpu?.requestAdapter().then((found) => found !== null)';
      if (backend === 'webgpu') skip((await page.evaluate(adapter)) !== true, 'no WebGPU');
      const steps = page.evaluate(`resnetSteps('${backend}')`) as ReturnType<typeof resnetSteps>;
      const { losses, leaked } = await steps;
      expect(leaked).toBe(0);
      for (const [i, loss] of losses.entries()) {
        expect(Math.abs(loss - expected[i]!), `${losses} for ${expected}`).toBeLessThan(1e-3);
      }
    },
  );
});
