import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type Page, serveFolders } from '@bag-of-tricks/test-browser';
import { build } from 'vite';

/** A built page as a phone shows it. */
export interface OpenPage {
  readonly page: Page;
  /** The paths whose content was asked for. */
  readonly requests: readonly string[];
  /** Goes to the page, with this behind its address. */
  visit(query?: string): Promise<void>;
  /** Waits until the line below the buttons says this. */
  statusMatches(pattern: RegExp): Promise<void>;
  textOf(selector: string): Promise<string[]>;
  /** Whether nothing is wider than the screen. */
  fits(): Promise<boolean>;
  /** Writes `output/<name>.png` beside the page's sources. */
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Builds the page in the folder `root` around an export, serves it, and opens a tab to visit it in. */
export async function openPage(
  browser: Browser,
  root: string,
  exported: string,
): Promise<OpenPage> {
  process.env.EXPORT = exported;
  const outDir = join(mkdtempSync(join(tmpdir(), 'page-')), 'dist');
  await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  const served = await serveFolders({ '': outDir });
  const page = await browser.newPage();
  // Threads that wait for each other take long on a busy machine.
  page.setDefaultTimeout(120_000);
  await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true });
  const output = join(root, 'output');
  mkdirSync(output, { recursive: true });
  return {
    ...{ page, requests: served.requests, close: served.close },
    visit: async (query = '') => void (await page.goto(`${served.url}/${query}`)),
    async statusMatches(pattern) {
      const text = "document.querySelector('[role=status]').textContent";
      await page.waitForFunction(`${pattern}.test(${text})`).catch(async (cause) => {
        const got = await page.evaluate(text);
        throw new Error(`expected ${pattern}, got ${JSON.stringify(got)}`, { cause });
      });
    },
    textOf: (selector) =>
      page.$$eval(selector, (found) => found.map(({ textContent }) => textContent)),
    fits: async () =>
      (await page.evaluate('document.documentElement.scrollWidth <= innerWidth')) === true,
    screenshot: async (name) => {
      await page.screenshot({ path: join(output, `${name}.png`), fullPage: true });
    },
  };
}
