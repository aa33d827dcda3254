// The commands of the README, run as `node run.mjs` runs them, and the page that they end with in headless Chromium.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { launchBrowser } from '@bag-of-tricks/test-browser';
import { afterAll, beforeAll, expect, test } from 'vitest';

const example = join(import.meta.dirname, '..');
const folder = join(mkdtempSync(join(tmpdir(), 'own photos-')), basename(example));
let running: ChildProcess;
/** All that the commands printed until the page was served. */
let printed = '';
let address: string;

beforeAll(async () => {
  mkdirSync(folder);
  symlinkSync(join(example, 'make-photos.mjs'), join(folder, 'make-photos.mjs'));
  symlinkSync(join(example, '../browser-classifier'), join(folder, '../browser-classifier'));
  // A group of its own: the last command is the server, a child of a child.
  running = spawn(process.execPath, [join(example, 'run.mjs')], { cwd: folder, detached: true });
  const addressOf = (text: string) => / (http:\/\/localhost:\d+\/)/.exec(text)?.[1];
  await new Promise<void>((resolve, reject) => {
    const read = (text: string) => {
      printed += text;
      if (addressOf(printed)) resolve();
    };
    running.stdout!.setEncoding('utf8').on('data', read);
    running.stderr!.setEncoding('utf8').on('data', read);
    running.on('exit', (code) => reject(new Error(`run.mjs ended with ${code}:\n${printed}`)));
  });
  address = addressOf(printed)!;
});

afterAll(() => void process.kill(-running.pid!));

test('the network that was trained tells pictures apart that it has not seen', {
  tags: ['slow'],
}, () => {
  for (const name of ['checks', 'dots', 'stripes']) {
    expect(printed).toMatch(new RegExp(`output/unseen/${name}\\.jpg +[\\d.]+ % +${name}\n`));
  }
});

const browser = await launchBrowser();
afterAll(() => browser?.close());

test.skipIf(!browser)('the page says of them what `predict` said', { tags: ['slow'] }, async () => {
  const page = await browser!.newPage();
  await page.goto(address);
  const input = (await page.waitForSelector('input:enabled'))!;
  for (const name of ['checks', 'dots', 'stripes']) {
    await input.uploadFile(join(folder, `output/unseen/${name}.jpg`));
    await page.waitForFunction(
      `document.querySelector('[role=status]').textContent.startsWith('${name}.jpg,')`,
    );
    const [first] = await page.$$eval('li', ([li]) => [li?.textContent]);
    const [, percent] = new RegExp(`${name}\\.jpg +([\\d.]+) %`).exec(printed)!;
    expect(first).toMatch(new RegExp(`^${name}`));
    expect(Number.parseFloat(first!.slice(name.length))).toBeCloseTo(Number(percent), 0);
  }
});
