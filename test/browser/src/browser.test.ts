import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundle, launchBrowser, openScript, serveFolders } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'browser-'));
const site = join(folder, 'site');
mkdirSync(site);
writeFileSync(join(folder, 'secret.txt'), 'secret');
writeFileSync(join(folder, 'number.ts'), 'export const number: number = 42;');
writeFileSync(
  join(folder, 'entry.ts'),
  "import { number } from './number.ts'; Object.assign(globalThis, { number });",
);
const browser = await launchBrowser();

afterAll(() => browser?.close());

test.skipIf(!browser)('a page runs what was bundled and has WebGL', async () => {
  await bundle(join(folder, 'entry.ts'), join(site, 'entry.js'));
  const served = await serveFolders({ site });
  const page = await openScript(browser!, served, { script: '/site/entry.js', global: 'number' });
  expect(await page.evaluate('number')).toBe(42);
  expect(await page.evaluate("!!document.createElement('canvas').getContext('webgl2')")).toBe(true);
  expect(served.requests).toContain('/site/entry.js');
  await page.close();
  await served.close();
});

test('only what lies in the folders is served', async () => {
  writeFileSync(join(site, 'page.html'), 'hello');
  const served = await serveFolders({ site });
  const get = async (path: string) => (await fetch(served.url + path)).status;
  expect(await get('/site/page.html')).toBe(200);
  expect(await get('/page.html')).toBe(404);
  expect(await get('/site/..%2Fsecret.txt')).toBe(404);
  for (const path of ['/site/none.html', '/constructor/name', '/site/%']) {
    expect(await get(path), path).toBe(404);
  }
  await served.close();
});
