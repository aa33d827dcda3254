// The built page in headless Chromium, as on a phone, against the same picture in Node.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadClassifier } from '@bag-of-tricks/classifier';
import { launchBrowser, type Page, type Served, serveFolders } from '@bag-of-tricks/test-browser';
import '@tensorflow/tfjs-backend-cpu';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallExport } from '../../../packages/classifier/test/small-export.ts';

const browser = await launchBrowser();
const picture = join(
  import.meta.dirname,
  '../../../packages/classifier/fixtures/pictures/large.jpg',
);
const folder = mkdtempSync(join(tmpdir(), 'page-'));
const output = join(import.meta.dirname, '..', 'output');
let served: Served;
let page: Page;

const textOf = (selector: string) =>
  page.$$eval(selector, (elements) => elements.map(({ textContent }) => textContent));
const statusMatches = (pattern: RegExp) =>
  page.waitForFunction(`${pattern}.test(document.querySelector('[role=status]').textContent)`);

describe.skipIf(!browser)('the page', { tags: ['slow'] }, () => {
  beforeAll(async () => {
    process.env.EXPORT = smallExport().folder;
    mkdirSync(output, { recursive: true });
    const outDir = join(folder, 'dist');
    await build({
      ...{ root: join(import.meta.dirname, '..'), logLevel: 'error' },
      build: { outDir, emptyOutDir: true },
    });
    served = await serveFolders({ '': outDir });
    page = await browser!.newPage();
    await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  test('a chosen picture gets bars, with the probabilities that Node says', async () => {
    await page.goto(served.url);
    await statusMatches(/^small is ready$/);
    await (await page.$('input'))!.uploadFile(picture);
    await statusMatches(/^large\.jpg, \d+ ms$/);
    const classifier = await loadClassifier(process.env.EXPORT!);
    const top = await classifier.classify(readFileSync(picture));
    classifier.dispose();
    expect(await textOf('li .name')).toEqual(top.map(({ name }) => name));
    const percents = (await textOf('li .percent')).map((text) => Number.parseFloat(text));
    expect(percents).toHaveLength(top.length);
    // One decimal is shown; the backends differ by less.
    top.forEach(({ probability }, i) => {
      expect(Math.abs(percents[i]! - 100 * probability)).toBeLessThan(0.11);
    });
    await page.screenshot({ path: join(output, 'phone.png') });
    const bars = (await page.$$eval('li .bar', (all) =>
      all.map((bar) => Number.parseFloat(getComputedStyle(bar, '::after').width) / bar.clientWidth),
    )) as number[];
    top.forEach(({ probability }, i) => {
      expect(bars[i]).toBeCloseTo(probability, 2);
    });
    const [wide, seen] = (await page.evaluate(
      '[document.documentElement.scrollWidth, innerWidth]',
    )) as [number, number];
    expect(wide).toBeLessThanOrEqual(seen);
  });

  test('a file that is no picture is told, and the next one works', async () => {
    const input = (await page.$('input'))!;
    await input.uploadFile(import.meta.filename);
    await statusMatches(/to be a JPEG, PNG, WebP or GIF/);
    expect(await textOf('li .name')).toEqual([]);
    await input.uploadFile(picture);
    await statusMatches(/^large\.jpg, \d+ ms$/);
    expect(await textOf('li .name')).toHaveLength(4);
  });

  test('the camera gives bars until it is stopped', async () => {
    await page.click('button');
    await statusMatches(/^\d+ pictures a second$/);
    expect(await textOf('li .name')).toHaveLength(4);
    expect(await textOf('button')).toEqual(['Stop the camera']);
    await page.screenshot({ path: join(output, 'camera.png') });
    await page.click('button');
    await page.waitForFunction("document.querySelector('video').srcObject === null");
    expect(await textOf('button')).toEqual(['Use the camera']);
  });

  test('a model that is not there is told', async () => {
    await page.goto(`${served.url}/?model=nowhere`);
    await statusMatches(/nowhere\/classifier\.json to be readable, got HTTP status 404/);
  });
});
