import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { beforeEach, expect, test } from 'vitest';
import type { Chart } from './charts.ts';
import { reportWriter, writeReport } from './index.ts';

let run: string;
const put = (name: string, text: string) => writeFileSync(join(run, name), text);
const add = (name: string, text: string) => appendFileSync(join(run, name), text);
const page = () => readFileSync(join(run, 'report.html'), 'utf8');
const scripts = () => [...page().matchAll(/<script>(.*?)<\/script>/gs)].map(([, code]) => code!);
const charts = () => JSON.parse(/^const charts = (.*);$/m.exec(page())![1]!) as Chart[];
const chart = (title: string) => charts().find((one) => one.title.startsWith(title));
const values = (title: string, label: string) =>
  chart(title)?.lines.find((line) => line.label === label)?.values;

interface Plot {
  readonly options: {
    readonly width: number;
    readonly series: readonly { readonly label: string; readonly spanGaps?: boolean }[];
    readonly scales: { readonly y: { readonly log?: number; readonly distr?: number } };
  };
  readonly data: unknown[][];
  redrawn: number;
  size?: unknown;
}

/** Runs the page's own script in a browser of as little as it needs, with uPlot replaced by what remembers its arguments. */
function draw(script: string) {
  const plots: Plot[] = [];
  const listeners: Record<string, () => void> = {};
  const addEventListener = (name: string, listener: () => void) => {
    listeners[name] = listener;
  };
  class UPlot implements Plot {
    redrawn = 0;
    size?: unknown;
    readonly options: Plot['options'];
    readonly data: unknown[][];
    constructor(options: Plot['options'], data: unknown[][]) {
      [this.options, this.data] = [options, data];
      plots.push(this);
    }
    redraw() {
      this.redrawn += 1;
    }
    setSize(size: unknown) {
      this.size = size;
    }
  }
  const element = () => ({ clientWidth: 360, append() {}, appendChild: (child: unknown) => child });
  const document = { createElement: element, getElementById: element, documentElement: {} };
  const matchMedia = () => ({ addEventListener });
  runInContext(script, createContext({ document, matchMedia, addEventListener, uPlot: UPlot }));
  return { plots, listeners };
}

beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'report-'));
  put('args.yaml', 'model: resnet20d\ndataset: synthetic\nepochs: 4\n');
  put('env.json', '{"node": "v20"}\n');
  put(
    'summary.csv',
    'epoch,train_loss,train_top1,eval_loss,eval_top1,lr,epoch_seconds,images_per_second,ema_loss,ema_top1\n' +
      '0,2.4,40,,,0.1,30,100,,\n1,2.2,55,0.5,80,0.1,30.6,110,0.6,78\n2,2.1,60,,,0.1,30,105,,\n3,2,61,0.4,79,0.1,30,105,0.4,81.5\n',
  );
  put(
    'metrics.jsonl',
    '{"step":1,"epoch":0,"loss":null,"lr":0.1,"lossScale":1024,"skippedSteps":1,"lambda":0.001}\n' +
      '{"step":2,"epoch":0,"loss":2.25,"lr":0.1,"lossScale":4,"skippedSteps":1,"lambda":0.9}\n',
  );
});

test('curves are those of the files; epochs without an evaluation have none, and the best one is marked', () => {
  expect(writeReport(run)).toBe(join(run, 'report.html'));
  expect(chart('Top-1 accuracy (%)')).toMatchObject({ unit: 'epoch', x: [0, 1, 2, 3], mark: 3 });
  expect(values('Top-1', 'train')).toEqual([40, 55, 60, 61]);
  expect(values('Top-1', 'evaluation')).toEqual([null, 80, null, 79]);
  expect(values('Top-1', 'ema')).toEqual([null, 78, null, 81.5]);
  expect(values('Loss by epoch', 'evaluation')).toEqual([null, 0.5, null, 0.4]);
  expect(chart('Training loss')).toMatchObject({ unit: 'step', x: [1, 2] });
  expect(values('Training loss', 'each step')).toEqual([null, 2.25]);
  expect(page()).toContain('<dt>Best top-1</dt><dd>81.50 % (epoch 3, ema)</dd>');
  expect(page()).toContain('<dt>Epochs done</dt><dd>4 of 4</dd>');
  expect(page()).toContain('<dt>Training time</dt><dd>0:02:01</dd>');
});

test('values of tricks have charts unless they never change; powers of two have an axis of them', () => {
  writeReport(run);
  expect(values('Loss scale', 'loss scale')).toEqual([1024, 4]);
  expect(chart('Loss scale')?.log).toBe(2);
  expect(chart('Lambda')?.log).toBeUndefined();
  expect(chart('Lambda')?.lines.map(({ label }) => label)).toEqual(['each step', 'smoothed']);
  expect(chart('Skipped steps')).toBeUndefined();
  expect(values('Learning rate', 'learning rate')).toEqual([0.1, 0.1]);
  add(
    'metrics.jsonl',
    '{"step":3,"lossScale":4,"skippedSteps":2,"lambda":0.2,"gradNorm":300}\n{"step":4,"lossScale":4,"skippedSteps":2,"gradNorm":2}\n',
  );
  writeReport(run);
  expect(values('Skipped steps', 'skipped steps')).toEqual([1, 1, 2, 2]);
  expect(chart('Grad norm')?.log).toBe(10);
});

test('a report that grew with its run is the one that is made at its end', () => {
  const metrics = Array.from(
    { length: 5000 },
    (_, i) =>
      `{"step":${i + 1},"loss":${Math.sin(i) + 2},"lr":${1 / (i + 1)},"gradNorm":${i % 7}}\n`,
  ).join('');
  put('metrics.jsonl', '');
  const report = reportWriter(run);
  for (let at = 0; at < metrics.length; at += 33_333) {
    add('metrics.jsonl', metrics.slice(at, at + 33_333));
    report.update();
  }
  const grown = page();
  writeReport(run);
  expect(page()).toBe(grown);
  expect(chart('Training loss')?.x.length).toBeLessThanOrEqual(1024);
  expect(chart('Training loss')?.lines.map(({ label }) => label)).toEqual([
    ...['highest', 'lowest', 'mean of 8 steps', 'smoothed'],
  ]);
});

test('a run that has added nothing has its report left as it is', () => {
  const report = reportWriter(run);
  report.update();
  const { ino } = statSync(report.path);
  report.update();
  expect(statSync(report.path).ino).toBe(ino);
  add('summary.csv', '4,2,62,,damaged,0.1,30,105,,\n');
  report.update();
  expect(statSync(report.path).ino).not.toBe(ino);
});

test('what is missing is left out, lines that are damaged are counted', () => {
  for (const name of ['args.yaml', 'env.json', 'summary.csv']) rmSync(join(run, name));
  add('metrics.jsonl', '{"step":3,"lo\n[]\n{"step":4,"loss":2}\n{"step":5,"loss":1');
  writeReport(run);
  expect(charts().map(({ title }) => title)).not.toContain('Top-1 accuracy (%)');
  expect(values('Training loss', 'each step')).toEqual([null, 2.25, 2]);
  expect(page()).toContain('<dt>Lines that cannot be read</dt><dd>2</dd>');
  expect(page()).not.toContain('Configuration');
  rmSync(join(run, 'metrics.jsonl'));
  put('summary.csv', 'epoch,train_loss\n');
  writeReport(run);
  expect(page()).toContain('No step has been taken yet.');
  rmSync(join(run, 'summary.csv'));
  expect(() => writeReport(run)).toThrow(
    /^writeReport: expected a run folder, with summary\.csv or metrics\.jsonl in it, got .*Check/,
  );
});

test('a report that cannot be written leaves the old one, nothing temporary, and is tried again', () => {
  const report = reportWriter(run);
  report.update();
  const before = page();
  add('summary.csv', '4,2,62,,,0.1,30,105,,\n');
  rmSync(join(run, 'args.yaml'));
  symlinkSync('args.yaml', join(run, 'args.yaml'));
  expect(() => report.update()).toThrow('ELOOP');
  expect(page()).toBe(before);
  expect(readdirSync(run).filter((name) => name.includes('unfinished'))).toEqual([]);
  rmSync(join(run, 'args.yaml'));
  report.update();
  expect(page()).not.toBe(before);
});

test('text of a run is never markup, and nothing on the page is fetched', () => {
  put('args.yaml', 'model: "<b>&"\nexperiment: </pre><script>alert(1)</script>\n');
  put('summary.csv', 'epoch,</script>_top1\n0,1\n');
  writeReport(run);
  expect(page()).toContain('&lt;script&gt;alert(1)');
  expect(page()).toContain('<dd>&quot;&lt;b&gt;&amp;&quot;</dd>');
  expect(scripts()).toHaveLength(2);
  expect(page()).not.toMatch(/\b(src|href)=|url\(|import\(/);
});

test('the script of the page draws every chart, over gaps, and again in the colours of a dark screen', () => {
  writeReport(run);
  const { plots, listeners } = draw(scripts()[1]!);
  expect(plots).toHaveLength(charts().length);
  const [accuracy] = plots;
  expect(accuracy!.options.series.map(({ label }) => label)).toEqual([
    ...['epoch', 'train', 'evaluation', 'ema'],
  ]);
  expect(accuracy!.options.series.slice(1).every(({ spanGaps }) => spanGaps)).toBe(true);
  expect(accuracy!.data[2]).toEqual([null, 80, null, 79]);
  expect(accuracy!.options.width).toBe(360);
  const scale = plots.find(({ options }) => options.scales.y.log === 2);
  expect(scale!.options.scales.y.distr).toBe(3);
  listeners.change!();
  expect(plots.map(({ redrawn }) => redrawn)).toEqual(plots.map(() => 1));
  listeners.resize!();
  expect(accuracy!.size).toEqual({ width: 360, height: 280 });
});
