import { launchBrowser } from '@bag-of-tricks/test-browser';
import { openSite, type Site, type SiteOptions } from '../browser/site.ts';
import type { PageResult, PageTask } from '../browser/task.ts';
import { alternate } from '../compare/rounds.ts';
import { ratioOf } from '../compare/summary.ts';
import { spread } from '../report/numbers.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';
import { formatTable } from '../report/table.ts';
import { median, relativeDifference, type Spread, spreadOf } from '../statistics.ts';

/** What is measured in the browser. */
export interface BrowserOptions
  extends SiteOptions,
    Pick<PageTask, 'batchSize' | 'warmup' | 'batches'> {
  /** Each contestant runs on each of these numbers of threads. */
  readonly threads: readonly number[];
  readonly rounds: number;
}

/** A contestant on a number of threads, over all rounds. */
export interface BrowserSummary {
  readonly contestant: string;
  readonly threads: number;
  readonly imageMs: Spread;
  readonly imagesPerSecond: Spread;
  /** How much faster than onnxruntime-web on as many threads; null without it. */
  readonly ratio: Spread | null;
}

/** What `bench browser --json` prints. */
export interface BrowserReport extends Provenance {
  readonly browser: string;
  readonly options: Omit<BrowserOptions, 'workFolder' | 'report'>;
  readonly contestants: readonly BrowserSummary[];
}

/** They add in other orders; with drawn weights all classes are nearly as probable. */
const TOLERANCE = 1e-3;

/** Measures an exported network in headless Chromium on WebAssembly. */
export async function browserReport(options: BrowserOptions): Promise<BrowserReport> {
  const { workFolder: _, report, ...shown } = options;
  const { contestants, threads, rounds, batchSize } = options;
  const before = await provenance('browser');
  const browser = await launchBrowser();
  if (!browser) throw new Error('expected a browser, got none. Name one in CHROMIUM_PATH.');
  let site: Site | undefined;
  try {
    const opened = await openSite(options);
    site = opened;
    const jobs = threads.flatMap((count) =>
      contestants.map((contestant) => ({ contestant, threads: count })),
    );
    const tops = new Map<boolean, PageResult['top']>();
    const run = async (name: string, round: number) => {
      const job = jobs[Number(name)]!;
      const { batchMs, top, threads } = await opened.measure(browser, { ...options, ...job });
      if (threads !== job.threads) {
        throw new Error(`${job.contestant}: expected ${job.threads} threads, got ${threads}.`);
      }
      // The two classifiers look at photographs, the two networks at a picture made in the page.
      requireSameTop(tops, job.contestant, top);
      const ms = median(batchMs) / batchSize;
      report(
        `round ${round + 1}/${rounds}: ${job.contestant}, threads: ${threads}: ${(1000 / ms).toFixed(1)} images/s`,
      );
      return ms;
    };
    const names = jobs.map((_, i) => String(i));
    const results = await alternate(names, { rounds, run });
    const rows = jobs.map((job, i) => ({ ...job, times: results.get(String(i))! }));
    return {
      ...{ ...before, browser: await browser.version(), options: shown },
      contestants: rows.map((row) => summarize(row, rows)),
    };
  } finally {
    await browser.close();
    await site?.close();
  }
}

interface Row {
  readonly contestant: string;
  readonly threads: number;
  /** Milliseconds an image, by round. */
  readonly times: readonly number[];
}

/** A contestant's rounds in figures. */
export function summarize(
  { contestant, threads, times }: Row,
  rows: readonly Row[],
): BrowserSummary {
  const peer = rows.find((row) => row.contestant === 'onnxruntime-web' && row.threads === threads);
  return {
    ...{ contestant, threads, imageMs: spreadOf(times) },
    imagesPerSecond: spreadOf(times.map((ms) => 1000 / ms)),
    ratio: peer ? ratioOf(peer.times, times) : null,
  };
}

/** @throws Error when a contestant sees something else in a picture than the one before that looked at it. */
export function requireSameTop(
  tops: Map<boolean, PageResult['top']>,
  contestant: string,
  top: PageResult['top'],
): void {
  const isPhotograph = contestant.startsWith('classifier');
  const first = tops.get(isPhotograph) ?? top;
  tops.set(isPhotograph, first);
  const difference = relativeDifference(first.probability, top.probability);
  if (first.index === top.index && difference < TOLERANCE) return;
  throw new Error(
    `expected class ${first.index} with ${first.probability}, got ${top.index} with ${top.probability} of ${contestant}. Their speed is not compared.`,
  );
}

/** The report for a reader. */
export function formatBrowser({ browser, options, contestants, ...rest }: BrowserReport): string {
  const { network, exports, imageSize, batchSize } = options;
  const rows = contestants.map(({ contestant, threads, imageMs, imagesPerSecond, ratio }) => [
    ...[contestant, String(threads), spread(imagesPerSecond), spread(imageMs)],
    ratio ? spread(ratio) : '-',
  ]);
  const header = ['', 'threads', 'images/s (min..max)', 'ms an image', 'x onnxruntime-web'];
  return [
    `${describeProvenance(rest)}\n${browser}, ${exports ?? network}, ${imageSize} px, batches of ${batchSize}`,
    formatTable(header, rows),
  ].join('\n\n');
}
