import { expect, test } from 'vitest';
import { formatScale } from '../report/scale-tables.ts';
import { findWorkloads } from '../workloads.ts';
import { processCounts, scaleContestants } from './contestants.ts';
import { drawCost } from './cost-plot.ts';
import { fitExchange } from './fit.ts';
import { forecast, scenarios } from './forecast.ts';
import { type GroupMeasurement, summarizeSteps } from './measure-steps.ts';

const rounds = (sentBytes: number | null, ...times: number[]) =>
  times.map(
    (stepMs): GroupMeasurement => ({
      ...{ stepMs, sentBytes, foreignShare: 0 },
      ...{ losses: [2], runningVarianceSum: 1, versions: {} },
    }),
  );

const results = new Map([
  ['ours-1', rounds(null, 100, 110, 90)],
  ['pytorch-1', rounds(null, 120, 120, 120)],
  ['ours-2', rounds(2e6, 80, 82, 78)],
  ['ours-2-bfloat16', rounds(1e6, 70, 71, 69)],
  ['ours-2-apart', rounds(1e3, 60, 61, 59)],
  ['ddp-2', rounds(2e6, 100, 100, 100)],
]);

test('one, two, four and eight processes take part, as far as there are cores', () => {
  expect([1, 2, 3, 4, 64].map(processCounts)).toEqual([
    [1],
    [1, 2],
    [1, 2],
    [1, 2, 4],
    [1, 2, 4, 8],
  ]);
  expect(scaleContestants([2]).map(({ name }) => name)).toEqual([...results.keys()]);
});

test('communication is what a step takes longer than that of the same processes apart', () => {
  const summaries = summarizeSteps(scaleContestants([1, 2]), results);
  const two = summaries.find(({ name }) => name === 'ours-2')!;
  expect(two).toMatchObject({ processes: 2, sentBytes: 2e6, stepMs: { median: 80 } });
  expect(two.ratio.median).toBeCloseTo(1.25);
  expect(two.communication!.median).toBeCloseTo(0.25);
  expect(two.communication!.min).toBeLessThanOrEqual(two.communication!.median);
  const halved = summaries.find(({ name }) => name === 'ours-2-bfloat16')!;
  expect(halved.communication!.median).toBeCloseTo(1 - 60 / 70);
  expect(summaries[0]).toMatchObject({ name: 'ours-1', communication: null, sentBytes: null });
});

test('the report says what is measured, what the model makes of it, and what it assumes', () => {
  const link = { rate: 1e9, delayMs: 0 };
  const fit = fitExchange(
    [1e3, 1e6].map((bytes) => ({ processes: 2, link, bytes, ms: 1 + bytes / 1e5, cpuMs: 1 })),
  );
  const gradients = [
    { bytes: 8e7, share: 0.5 },
    { bytes: 2e7, share: 0.5 },
  ];
  const all = scenarios(
    fit,
    { gradients, statisticsBytes: 2e5 },
    { title: 'here', computeMs: 1000, cores: 2 },
  );
  const [workload] = findWorkloads(['resnet20d']);
  const contestants = summarizeSteps(scaleContestants([2]), results);
  const text = formatScale({
    ...{ command: 'scale', date: '2026-11-29', commit: null, versions: {}, warning: null },
    machine: {
      cpu: 'Xeon',
      cores: 2,
      memoryGiB: 24,
      kernel: '6',
      flags: {} as never,
      loadBefore: 0,
    },
    workloads: [
      { workload: workload!, contestants, ratios: { 'ours-2 over ddp-2': contestants[0]!.ratio } },
    ],
    model: {
      ...fit,
      checks: [{ network: 'resnet20d', link, predictedMs: 90, measuredMs: 88, ddpMs: 99 }],
      forecasts: all.map((scenario) => forecast(scenario, 8)),
    },
  });
  expect(text).toMatch(/ours-2 +2 +80\.0 \(78\.0\.\.82\.0\) +12\.5 +1\.25 .* 25 % +2\.00/);
  expect(text).toContain('predicted 90.0 ms a step, measured 88.0 (DDP 99.0)');
  expect(text).toMatch(/machines, 10 Gbit\/s: V100, 32 images, float32 +159 /);
  expect(text).toContain('Assumed: the steps of a V100 are those of the paper');
  const svg = drawCost(all, 'processes');
  expect(svg.match(/stroke-width="2"/g)).toHaveLength(2 * all.length);
  expect(svg).not.toMatch(/NaN|undefined/);
});
