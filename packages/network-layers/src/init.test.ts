import { describe, expect, test } from 'vitest';
import { fansOf, initialValues } from './init.ts';
import type { ParameterSpec } from './parameters.ts';

const spec = (kind: ParameterSpec['kind'], shape: number[]): ParameterSpec => ({
  name: `test.${kind}`,
  kind,
  shape,
});

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return { mean, variance, largest };
}

test('the receptive field counts into both fans', () => {
  expect(fansOf({ shape: [7, 7, 3, 64] })).toEqual({ fanIn: 147, fanOut: 3136 });
  expect(fansOf({ shape: [512, 1000] })).toEqual({ fanIn: 512, fanOut: 1000 });
});

test('channels of other groups count into no fan', () => {
  expect(fansOf({ shape: [3, 3, 1, 64], groups: 64 })).toEqual({ fanIn: 9, fanOut: 9 });
  expect(fansOf({ shape: [3, 3, 4, 64], groups: 16 })).toEqual({ fanIn: 36, fanOut: 36 });
});

describe('xavier is uniform on sqrt(6 / (fanIn + fanOut)), so its variance is 2 / (fanIn + fanOut)', () => {
  test.each([
    ['kernel', [3, 3, 64, 128], 9 * (64 + 128)],
    ['dense', [512, 100], 612],
  ] as const)('%s', (kind, shape, fans) => {
    const { mean, variance, largest } = moments(
      initialValues(spec(kind, [...shape]), { init: 'xavier', seed: 1 }),
    );
    const bound = Math.sqrt(6 / fans);
    expect(largest).toBeLessThanOrEqual(Math.fround(bound));
    expect(largest).toBeGreaterThan(0.999 * bound);
    expect(Math.abs(variance / (2 / fans) - 1)).toBeLessThan(0.02);
    expect(Math.abs(mean) / bound).toBeLessThan(0.01);
  });
});

test('he is normal with variance 2 / fanOut for kernels', () => {
  const values = initialValues(spec('kernel', [3, 3, 64, 128]), { init: 'he', seed: 1 });
  const deviation = Math.sqrt(2 / (9 * 128));
  const { mean, variance, largest } = moments(values);
  expect(Math.abs(variance / deviation ** 2 - 1)).toBeLessThan(0.02);
  expect(Math.abs(mean) / deviation).toBeLessThan(0.02);
  expect(largest).toBeGreaterThan(4 * deviation);
  const withinOne = values.filter((value) => Math.abs(value) < deviation).length / values.length;
  expect(withinOne).toBeCloseTo(0.6827, 2);
});

test("he leaves the dense layer at PyTorch's uniform on 1 / sqrt(fanIn)", () => {
  const { largest } = moments(initialValues(spec('dense', [400, 100]), { init: 'he', seed: 1 }));
  expect(largest).toBeLessThanOrEqual(0.05);
  expect(largest).toBeGreaterThan(0.0499);
});

test('biases and running means start at 0, gammas and running variances at 1, zero gammas at 0', () => {
  const first = (kind: ParameterSpec['kind']) => [
    ...initialValues(spec(kind, [2]), { init: 'xavier', seed: 1 }),
  ];
  expect(first('bias')).toEqual([0, 0]);
  expect(first('beta')).toEqual([0, 0]);
  expect(first('runningMean')).toEqual([0, 0]);
  expect(first('gamma')).toEqual([1, 1]);
  expect(first('runningVariance')).toEqual([1, 1]);
  expect(first('zeroGamma')).toEqual([0, 0]);
});

test('one seed and name give one draw; another seed or name gives another', () => {
  const kernel = spec('kernel', [3, 3, 2, 2]);
  const draw = (seed: number, name = kernel.name) =>
    initialValues({ ...kernel, name }, { init: 'xavier', seed });
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(draw(1)).not.toEqual(draw(1, 'test.other'));
});
