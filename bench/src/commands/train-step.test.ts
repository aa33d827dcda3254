import { expect, test } from 'vitest';
import { findWorkloads } from '../workloads.ts';
import { scaledWorkloads } from './batch-sizes.ts';
import { graphRatio, withRewriteWhereItIs } from './train-step.ts';

const ratio = (median: number) => ({ median, min: median, max: median });

test("a network's ratio is the compiled graph's, whoever else is faster", () => {
  const contestants = [
    { name: 'eager', ratio: ratio(2) },
    { name: 'graph', ratio: ratio(1.5) },
    { name: 'pytorch', ratio: ratio(1) },
  ];
  expect(graphRatio({ contestants } as never)).toBe(1.5);
  expect(graphRatio({ contestants: contestants.slice(0, 1) } as never)).toBeNull();
  expect(graphRatio({ contestants: [{ name: 'graph', ratio: null }] } as never)).toBeNull();
});

test('batch sizes lie around the usual one, or are those asked for', () => {
  const workloads = findWorkloads(['resnet20d', 'resnet50d']);
  const sizes = (asked: number[] | null) =>
    scaledWorkloads(workloads, asked).map(({ batchSize }) => batchSize);
  expect(sizes(null)).toEqual([32, 64, 128, 256, 4, 8, 16, 32]);
  expect(sizes([2])).toEqual([2, 2]);
});

test("TensorFlow's rewrite takes part where the CPU has the type", () => {
  const contestants = [{ name: 'graph' }, { name: 'graph-tf-rewrite' }];
  const dtype = 'bfloat16';
  const names = (native: 'fast' | 'emulated') =>
    withRewriteWhereItIs(contestants, { dtype, native, error: null, timeOverFloat32: null }).map(
      ({ name }) => name,
    );
  expect(names('fast')).toEqual(['graph', 'graph-tf-rewrite']);
  expect(names('emulated')).toEqual(['graph']);
});
