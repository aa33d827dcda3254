import { expect, test } from 'vitest';
import { formatAmpRatios } from '../report/amp-report.ts';
import { ampRatios } from './amp-ratios.ts';
import type { WorkloadReport } from './compare-workload.ts';

const times: Readonly<Record<string, number>> = {
  graph: 210,
  'graph-bfloat16': 100,
  'graph-tf-rewrite': 90,
  pytorch: 50,
  'pytorch-autocast': 150,
  'pytorch-autocast-compile': 130,
};

function report(network: string, names = Object.keys(times)) {
  const contestants = names.map((name) => ({
    name,
    side: name.startsWith('pytorch') ? 'pytorch' : 'ours',
    precision: /-/.test(name) ? 'bfloat16' : 'float32',
  }));
  const rounds = names.map((name) => [name, [{ medianStepMs: times[name] }]]);
  return {
    workload: { network },
    contestants,
    rounds: Object.fromEntries(rounds),
  } as unknown as WorkloadReport;
}

const fast = { dtype: 'bfloat16', native: 'fast' } as const;

test('our step in mixed precision is measured against three others, of the same run', () => {
  const ratios = ampRatios(report('resnet50d'), fast);
  expect(ratios).toEqual({
    overOwnFloat32: { over: 'graph', median: 2.1, min: 2.1, max: 2.1, target: 2, reached: true },
    overTensorFlowRewrite: {
      over: 'graph-tf-rewrite',
      median: 0.9,
      min: 0.9,
      max: 0.9,
      target: 1,
      reached: false,
    },
    overBestPyTorchAutocast: {
      over: 'pytorch-autocast-compile',
      median: 1.3,
      min: 1.3,
      max: 1.3,
      target: 1.25,
      reached: true,
    },
  });
  expect(formatAmpRatios('resnet50d', ratios)).toEqual([
    'resnet50d: mixed precision over graph 2.10 (2.10..2.10), target 2 reached',
    'resnet50d: mixed precision over graph-tf-rewrite 0.900 (0.900..0.900), target 1 missed',
    'resnet50d: mixed precision over pytorch-autocast-compile 1.30 (1.30..1.30), target 1.25 reached',
  ]);
});

test('twice our float32 step is asked of the network of the paper alone', () => {
  const { overOwnFloat32 } = ampRatios(report('resnet20d'), fast);
  expect(overOwnFloat32).toMatchObject({ median: 2.1, target: null, reached: null });
});

test('where the type is emulated nothing is judged', () => {
  const ratios = ampRatios(report('resnet50d'), { dtype: 'bfloat16', native: 'emulated' });
  expect(Object.values(ratios).map(({ reached }) => reached)).toEqual([null, null, null]);
  expect(formatAmpRatios('resnet50d', ratios)[0]).toMatch(/target 2 \(not judged: emulated\)$/);
});

test('who did not take part is not compared with', () => {
  const ratios = ampRatios(report('resnet50d', ['graph', 'graph-bfloat16']), fast);
  expect(ratios).toMatchObject({ overTensorFlowRewrite: null, overBestPyTorchAutocast: null });
  expect(ratios.overOwnFloat32!.reached).toBe(true);
});
