import { expect, test } from 'vitest';
import { findWorkloads } from '../workloads.ts';
import type { Measurement } from './measure.ts';
import { bestPyTorch, ratioOf, summarize } from './summary.ts';

function round(medianStepMs: number, changes: Partial<Measurement> = {}): Measurement {
  return {
    losses: [1, 1, 1],
    runningVarianceSum: 1,
    warmupMs: [medianStepMs * 3, medianStepMs],
    stepMs: [medianStepMs],
    medianStepMs,
    peakRssBytes: 1e9,
    traceMs: null,
    ops: null,
    opCount: null,
    versions: {},
    threads: null,
    foreignShare: 0,
    ...changes,
  };
}

const [workload] = findWorkloads(['resnet20d']);
const contestants = [
  { name: 'graph', side: 'ours' },
  { name: 'pytorch', side: 'pytorch' },
  { name: 'pytorch-compile', side: 'pytorch' },
] as const;
const results = new Map([
  [
    'graph',
    [
      round(100, { traceMs: 30, opCount: 9 }),
      round(128, { traceMs: 10 }),
      round(110, { traceMs: 20 }),
    ],
  ],
  ['pytorch', [round(300), round(300), round(310)]],
  ['pytorch-compile', [round(200), round(256), round(180, { warmupMs: [90_000, 180] })]],
]);
const parts = {
  workload: workload!,
  flopsPerStep: 22e9,
  rate: { convolution: 400, matrixProduct: 800 },
  contestants,
  results,
};

test('the best mode of PyTorch is the one with the shortest median step', () => {
  expect(bestPyTorch(parts)).toBe('pytorch-compile');
  expect(bestPyTorch({ ...parts, contestants: contestants.slice(0, 1) })).toBeNull();
});

test('a ratio is one of medians, its spread one of rounds', () => {
  expect(ratioOf([200, 256, 180], [100, 128, 110])).toEqual({
    median: 200 / 110,
    min: 180 / 110,
    max: 2,
  });
});

test('figures are medians over the rounds; memory and the first step are the worst ones', () => {
  const [graph, , compiled] = summarize(parts);
  expect(graph!.stepMs).toEqual({ median: 110, min: 100, max: 128 });
  expect(graph!.imagesPerSecond).toEqual({ median: 128_000 / 110, min: 1000, max: 1280 });
  expect(graph!.ratio!.median).toBeCloseTo(200 / 110);
  expect(graph!.traceMs).toBe(20);
  expect(graph!.opCount).toBe(9);
  // 22 GFLOP in 0.11 s are 200 GFLOPS.
  expect(graph!.shareOfConvolutionRate).toBeCloseTo(0.5);
  expect(graph!.shareOfMatrixProductRate).toBeCloseTo(0.25);
  expect(compiled!.ratio!.median).toBe(1);
  expect(compiled!.traceMs).toBeNull();
  expect(compiled!.firstStepMs).toBe(90_000);
});

test('without PyTorch there is no ratio', () => {
  const [graph] = summarize({ ...parts, contestants: contestants.slice(0, 1) });
  expect(graph!.ratio).toBeNull();
});
