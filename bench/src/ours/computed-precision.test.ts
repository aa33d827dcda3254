import { expect, test } from 'vitest';
import {
  computedPrecision,
  countMatrixOps,
  precisionOf,
  wasRewritten,
} from './computed-precision.ts';

const nodes = (...types: [op: string, type: number][]) => types.map(([op, type]) => ({ op, type }));

test('what a step computes in is the type of its matrix ops, all of them', () => {
  const low = countMatrixOps(
    nodes(['Conv2D', 14], ['Relu', 1], ['Conv2DBackpropFilter', 14], ['Conv2D', 14]),
  );
  expect(low).toEqual({ 'Conv2D bfloat16': 2, 'Conv2DBackpropFilter bfloat16': 1 });
  expect(precisionOf(low)).toBe('bfloat16');
  expect(precisionOf(countMatrixOps(nodes(['Conv2D', 19])))).toBe('float16');
  expect(precisionOf(countMatrixOps(nodes(['Conv2D', 14], ['BatchMatMulV2', 1])))).toBe('mixed');
  expect(precisionOf(countMatrixOps(nodes(['Relu', 14])))).toBeNull();
});

test('a rewritten graph runs a cast more for the weight of every convolution', () => {
  const graph = nodes(['Conv2D', 1], ['Conv2D', 1], ['Cast', 1]);
  const ran = (count: number) => [{ op: 'Cast', count, milliseconds: 1 }];
  expect(wasRewritten(graph, ran(3))).toBe(true);
  expect(wasRewritten(graph, ran(1))).toBe(false);
  expect(wasRewritten(graph, [])).toBe(false);
});

test('float32 between activations of one low type is that type, emulated', () => {
  expect(computedPrecision(nodes(['Conv2D', 1], ['Relu', 14], ['Relu', 14]))).toBe('bfloat16');
  expect(computedPrecision(nodes(['Conv2D', 1], ['Relu', 14], ['Relu', 1]))).toBe('float32');
  expect(computedPrecision(nodes(['Conv2D', 1]))).toBe('float32');
  expect(computedPrecision(nodes(['Conv2D', 14], ['Relu', 1]))).toBe('bfloat16');
});
