import { execFileSync } from 'node:child_process';
import { type Browser, type LaunchOptions, launch, type Page } from 'puppeteer-core';

export type { Browser, Page } from 'puppeteer-core';

/** Root, as in containers, has no sandbox; WebGL and WebGPU are computed by the processor where there is no graphics card. */
const flags = [
  ...['--no-sandbox', '--enable-unsafe-swiftshader'],
  ...['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
];

/**
 * A headless Chromium: the one that `CHROMIUM_PATH` names, or the system's, or that of `@sparticuz/chromium`. Where none starts it says why
 * and returns null; the tests then count as skipped.
 *
 * @throws Error - when the one that `CHROMIUM_PATH` names does not start.
 */
export async function launchBrowser(): Promise<Browser | null> {
  const start = (options: LaunchOptions) => launch({ args: flags, headless: true, ...options });
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    return start({ executablePath: named }).catch((cause) => {
      throw new Error(
        `CHROMIUM_PATH=${named}: expected a browser that starts. Correct or unset it`,
        {
          cause,
        },
      );
    });
  }
  const failures: string[] = [];
  for (const find of [systemBrowser, packagedBrowser]) {
    try {
      return await start(await find());
    } catch (error) {
      failures.push(error instanceof Error ? error.message.split('\n')[0]! : String(error));
    }
  }
  console.warn(`No browser, so its tests are skipped: ${failures.join('; ')}`);
  return null;
}

function systemBrowser(): LaunchOptions {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    try {
      return { executablePath: execFileSync('which', [name], { encoding: 'utf8' }).trim() };
    } catch {}
  }
  return { channel: 'chrome' };
}

async function packagedBrowser(): Promise<LaunchOptions> {
  const { default: chromium } = await import('@sparticuz/chromium');
  return {
    executablePath: await chromium.executablePath(),
    // In a single process it does not end once a page has used the camera.
    args: [...chromium.args.filter((arg) => arg !== '--single-process'), ...flags],
    headless: 'shell',
  };
}

/** A tab with a served script of ours, once it has set its global. */
export async function openScript(
  browser: Browser,
  served: { readonly url: string },
  { script = '/site/page.js', global }: { readonly script?: string; readonly global: string },
): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(served.url);
  await page.addScriptTag({ url: script, type: 'module' });
  await page.waitForFunction(`globalThis.${global} !== undefined`);
  return page;
}
