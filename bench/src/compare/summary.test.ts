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
    computesIn: null,
    matrixOps: null,
    cpuMs: 1,
    versions: {},
    threads: null,
    foreignShare: 0,
    ...changes,
  };
}

const [workload] = findWorkloads(['resnet20d']);
const contestants = [
  { name: 'graph', side: 'ours', precision: 'float32' },
  { name: 'pytorch', side: 'pytorch', precision: 'float32' },
  { name: 'pytorch-compile', side: 'pytorch', precision: 'float32' },
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
  expect(bestPyTorch(parts, 'float32')).toBe('pytorch-compile');
  expect(bestPyTorch(parts, 'bfloat16')).toBeNull();
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

test('mixed precision is compared with mixed precision, and not with the best float32 rate', () => {
  const [, , , ours] = summarize({
    ...parts,
    contestants: [
      ...contestants,
      { name: 'graph-bfloat16', side: 'ours', precision: 'bfloat16' },
      { name: 'pytorch-autocast', side: 'pytorch', precision: 'bfloat16' },
    ],
    results: new Map([
      ...results,
      ['graph-bfloat16', [round(50)]],
      ['pytorch-autocast', [round(75)]],
    ]),
  });
  expect(ours).toMatchObject({ name: 'graph-bfloat16', shareOfConvolutionRate: null });
  expect(ours!.ratio!.median).toBe(1.5);
});
