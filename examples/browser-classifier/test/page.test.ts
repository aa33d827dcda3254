// The built page in headless Chromium, as on a phone, against the same picture in Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadClassifier } from '@bag-of-tricks/classifier';
import { launchBrowser } from '@bag-of-tricks/test-browser';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallExport } from '../../../packages/classifier/test/small-export.ts';
import { type OpenPage, openPage } from '../../shared/test/open-page.ts';

const browser = await launchBrowser();
const picture = join(
  import.meta.dirname,
  '../../../packages/classifier/fixtures/pictures/large.jpg',
);
const exported = smallExport().folder;
let opened: OpenPage;

describe.skipIf(!browser)('the page', { tags: ['slow'] }, () => {
  beforeAll(async () => {
    opened = await openPage(browser!, join(import.meta.dirname, '..'), exported);
  });

  afterAll(async () => {
    await browser?.close();
    await opened?.close();
  });

  test('a chosen picture gets bars, with the probabilities that Node says', async () => {
    await opened.visit();
    await opened.statusMatches(/^small is ready$/);
    // With threads, which a minifier would keep from starting.
    expect(opened.requests).toContain('/wasm/tfjs-backend-wasm-threaded-simd.wasm');
    await (await opened.page.$('input'))!.uploadFile(picture);
    await opened.statusMatches(/^large\.jpg, \d+ ms$/);
    const classifier = await loadClassifier(exported);
    const top = await classifier.classify(readFileSync(picture));
    classifier.dispose();
    expect(await opened.textOf('li .name')).toEqual(top.map(({ name }) => name));
    const percents = (await opened.textOf('li .percent')).map((text) => Number.parseFloat(text));
    expect(percents).toHaveLength(top.length);
    // One decimal is shown; the backends differ by less.
    top.forEach(({ probability }, i) => {
      expect(Math.abs(percents[i]! - 100 * probability)).toBeLessThan(0.11);
    });
    await opened.screenshot('phone');
    const bars = (await opened.page.$$eval('li .bar', (all) =>
      all.map((bar) => Number.parseFloat(getComputedStyle(bar, '::after').width) / bar.clientWidth),
    )) as number[];
    top.forEach(({ probability }, i) => {
      expect(bars[i]).toBeCloseTo(probability, 2);
    });
    expect(await opened.fits()).toBe(true);
  });

  test('a file that is no picture is told, and the next one works', async () => {
    const input = (await opened.page.$('input'))!;
    await input.uploadFile(import.meta.filename);
    await opened.statusMatches(/to be a JPEG, PNG, WebP or GIF/);
    expect(await opened.textOf('li .name')).toEqual([]);
    await input.uploadFile(picture);
    await opened.statusMatches(/^large\.jpg, \d+ ms$/);
    expect(await opened.textOf('li .name')).toHaveLength(4);
  });

  test('the camera gives bars until it is stopped', async () => {
    await opened.page.click('button');
    await opened.statusMatches(/^\d+ pictures a second$/);
    expect(await opened.textOf('li .name')).toHaveLength(4);
    expect(await opened.textOf('button')).toEqual(['Stop the camera']);
    await opened.screenshot('camera');
    await opened.page.click('button');
    await opened.page.waitForFunction("document.querySelector('video').srcObject === null");
    expect(await opened.textOf('button')).toEqual(['Use the camera']);
  });

  test('a model that is not there is told', async () => {
    await opened.visit('?model=nowhere');
    await opened.statusMatches(/nowhere\/classifier\.json to be readable, got HTTP status 404/);
  });
});
