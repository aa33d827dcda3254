import { mkdir, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, bundle, openScript, serveFolders } from '@bag-of-tricks/test-browser';
import { oursCommand } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';
import { findOnnxruntimeWeb } from './onnxruntime-web.ts';
import type { BrowserContestant, PageResult, PageTask } from './task.ts';

/** What the pages need. */
export interface SiteOptions extends Pick<PageTask, 'imageSize'> {
  readonly network: string;
  /** A folder with the exports `graph-model` and `onnx`; null: the network with drawn weights. */
  readonly exports: string | null;
  /** A folder of JPEG files; null: made for it. */
  readonly photographs: string | null;
  readonly contestants: readonly BrowserContestant[];
  /** A folder that exists. */
  readonly workFolder: string;
  readonly report: (text: string) => void;
}

/** A server of all that the pages load. */
export interface Site {
  measure(browser: Browser, task: Omit<PageTask, 'photographs'>): Promise<PageResult>;
  close(): Promise<void>;
}

/** Makes what is missing, and serves it with the headers that threads need. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { network, imageSize, workFolder, contestants, report } = options;
  const site = join(workFolder, 'site');
  await mkdir(site);
  await bundle(fileURLToPath(new URL('./page.js', import.meta.url)), join(site, 'page.js'));
  const exports = resolve(options.exports ?? join(workFolder, 'exports'));
  if (options.exports === null) {
    const size = { network, imageSize, numClasses: 1000 };
    await runChild(oursCommand('export-network', { size, folder: exports }));
  }
  const made = join(workFolder, 'photographs');
  if (options.photographs === null) {
    await runChild(oursCommand('make-photographs', { folder: made, count: 20 }));
  }
  const photographs = options.photographs ?? join(made, 'made');
  const jpegs = (await readdir(photographs)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  const served = await serveFolders({
    ...{ site, wasm, photographs },
    ...{ 'graph-model': join(exports, 'graph-model'), onnx: join(exports, 'onnx') },
    ...(contestants.includes('onnxruntime-web') && {
      'onnxruntime-web': await findOnnxruntimeWeb(report),
    }),
  });
  return {
    async measure(browser, task) {
      const page = await openScript(browser, served, { global: 'measure' });
      try {
        const whole: PageTask = {
          ...task,
          photographs: jpegs.map((name) => `/photographs/${name}`),
        };
        return (await page.evaluate(`measure(${JSON.stringify(whole)})`)) as PageResult;
      } finally {
        await page.close();
      }
    },
    close: served.close,
  };
}
