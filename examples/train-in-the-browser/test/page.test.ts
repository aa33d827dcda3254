// The built page in headless Chromium, as on a phone: taught with files and the camera, saved, and loaded again.
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { seededRandom } from '@bag-of-tricks/random';
import { launchBrowser } from '@bag-of-tricks/test-browser';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallExport } from '../../../packages/classifier/test/small-export.ts';
import { type OpenPage, openPage } from '../../shared/test/open-page.ts';

const browser = await launchBrowser();
const folder = mkdtempSync(join(tmpdir(), 'taught-'));
const names = ['Left', 'Right', 'Bottom'];
let opened: OpenPage;

/** Grey noise with a light on one side. */
async function picture(label: number, index: number): Promise<string> {
  const size = 48;
  const random = seededRandom('picture', label, index);
  const light = 70 + 60 * random();
  const pixels = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / (3 * size))];
    const isLit = [x < size / 3, x > (2 * size) / 3, y > (2 * size) / 3][label];
    return 50 + 60 * random() + (isLit ? light : 0);
  });
  const file = join(folder, `${names[label]} ${index}.png`);
  await sharp(pixels, { raw: { width: size, height: size, channels: 3 } }).toFile(file);
  return file;
}

const pictures = (label: number, from: number, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => picture(label, from + i)));
const click = (id: string) => opened.page.click(`#${id}`);
const give = async (frame: string, ...files: string[]) => {
  const input = (await opened.page.$(`${frame} input[type=file]`)) as unknown as {
    uploadFile(...paths: string[]): Promise<void>;
  };
  await input.uploadFile(...files);
};
const drop = async (frame: string, ...files: string[]) => {
  const dropped = files.map((file) => [basename(file), readFileSync(file, 'base64')] as const);
  await opened.page.$eval(
    frame,
    (target, all) => {
      const dataTransfer = new DataTransfer();
      for (const [name, content] of all) {
        const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
        dataTransfer.items.add(new File([bytes], name));
      }
      target.dispatchEvent(new DragEvent('drop', { dataTransfer }));
    },
    dropped,
  );
};
const tensors = async () => Number(/(\d+) tensors/.exec((await opened.textOf('#backend'))[0]!)![1]);
const shown = async () => {
  const [classes, percents] = [await opened.textOf('ol .name'), await opened.textOf('ol .percent')];
  return Object.fromEntries(classes.map((name, i) => [name, Number.parseFloat(percents[i]!)]));
};
/** What is said of a held-out picture. */
const asked = async (file: string) => {
  await give('#try', file);
  await opened.statusMatches(new RegExp(`^${basename(file)}$`));
  return shown();
};

describe.skipIf(!browser)('the page', { tags: ['slow'] }, () => {
  beforeAll(async () => {
    const { folder: exported } = smallExport();
    // Of the same name and provenance, with other weights.
    cpSync(smallExport({ mean: [1, 2, 3] }).folder, join(exported, 'other'), { recursive: true });
    opened = await openPage(browser!, join(import.meta.dirname, '..'), exported);
    await opened.visit('?backend=cpu');
    await opened.statusMatches(/^Ready$/);
  });

  afterAll(async () => {
    await browser?.close();
    await opened?.close();
  });

  test('what is missing is said in words', async () => {
    await click('train');
    await opened.statusMatches(/^Class 1 has no pictures\. Drop some on it/);
    await click('save');
    await opened.statusMatches(/^Train first, then save\.$/);
    await click('load');
    await opened.statusMatches(/^Nothing was saved in this browser\.$/);
    await give('#try', await picture(0, 0));
    await opened.statusMatches(/^Train first: /);
    await give('.class', import.meta.filename);
    await opened.statusMatches(/^page\.test\.ts is no picture that can be read here\./);
    expect(await opened.textOf('.count')).toEqual(['no pictures', 'no pictures']);
    await opened.page.click('.class .remove');
    await click('train');
    await opened.statusMatches(/^It takes two classes or more to tell apart\./);
    await click('anew');
    await opened.statusMatches(/^Ready$/);
  });

  test('learns three classes of files, and is right about pictures that it has not seen', async () => {
    const before = await tensors();
    await click('add');
    for (const [label, name] of names.entries()) {
      const frame = `.class:nth-of-type(${label + 1})`;
      await opened.page.$eval(
        `${frame} .name`,
        (input, value) => Object.assign(input, { value }),
        name,
      );
      await drop(frame, ...(await pictures(label, 0, 6)));
      await opened.statusMatches(new RegExp(`^6 added to ${name}$`));
    }
    await click('train');
    await opened.statusMatches(/^Step 200 of 200: loss 0\.\d\d, 100 % of the pictures right$/);
    expect(
      await opened.page.$eval(
        '.loss',
        (line) => line.getAttribute('points')!.trim().split(' ').length,
      ),
    ).toBe(21);
    for (const [label, name] of names.entries()) {
      for (const file of await pictures(label, 100, 2)) {
        const said = await asked(file);
        expect(Object.keys(said)).toEqual(names);
        expect(said[name]).toBeGreaterThan(50);
      }
    }
    // The head, and nothing of the training.
    expect(await tensors()).toBe(before + 2);
    expect(await opened.fits()).toBe(true);
    await opened.screenshot('phone');
  });

  test('says the same after it was saved and loaded in a new page, and learns on', async () => {
    const file = await picture(1, 200);
    const before = await asked(file);
    await click('save');
    await opened.statusMatches(/^Saved in this browser$/);
    await opened.page.reload();
    await opened.statusMatches(/^Ready$/);
    const empty = await tensors();
    await click('load');
    await opened.statusMatches(/^Loaded Left, Right, Bottom$/);
    expect(await opened.textOf('.count')).toEqual(Array(3).fill('6 pictures'));
    expect(await asked(file)).toEqual(before);
    await click('train');
    await opened.statusMatches(/^Step 200 of 200: /);
    // The same pictures and the same seed.
    expect(await asked(file)).toEqual(before);
    await click('anew');
    await opened.statusMatches(/^Ready$/);
    expect(await tensors()).toBe(empty);
  });

  test('the camera gives pictures and is told apart', async () => {
    await click('use-camera');
    for (const frame of ['.class:nth-of-type(1)', '.class:nth-of-type(2)']) {
      await opened.page.waitForSelector(`${frame} .take`, { visible: true });
      await opened.page.click(`${frame} .take`);
      await opened.page.waitForFunction(
        `document.querySelector('${frame} .count').textContent === '1 picture'`,
      );
    }
    await click('train');
    await opened.statusMatches(/^Step 200 of 200: /);
    await opened.page.waitForSelector('ol .percent');
    await opened.screenshot('camera');
    await click('use-camera');
    expect(await opened.textOf('#use-camera')).toEqual(['Use the camera']);
  });

  test.each(['wasm', 'webgl'])('learns on %s too', async (backend) => {
    await opened.visit(`?backend=${backend}`);
    await opened.statusMatches(/^Ready$/);
    await click('load');
    await opened.statusMatches(/^Loaded /);
    await click('train');
    await opened.statusMatches(/^Step 200 of 200: loss 0\.\d\d, 100 % /);
    expect(await opened.textOf('#backend')).toEqual([expect.stringContaining(`on ${backend} `)]);
  });

  test('what was saved with other weights is refused', async () => {
    await opened.visit('?model=exported/other&backend=cpu');
    await opened.statusMatches(/^Ready$/);
    await click('load');
    await opened.statusMatches(/^What was saved belongs to another network than the one of this/);
    expect(await opened.textOf('.count')).toEqual(['no pictures', 'no pictures']);
  });

  test('an export that is not there is told', async () => {
    await opened.visit('?model=nowhere&backend=cpu');
    await opened.statusMatches(/nowhere\/classifier\.json to be readable, got HTTP status 404/);
    // They would do nothing.
    expect(await opened.page.$$('button:enabled')).toEqual([]);
  });
});
