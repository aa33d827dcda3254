import { expect, test } from 'vitest';
import { type MobileNetOptions, resolveConfig } from './config.ts';

test('the defaults are those of the documentation', () => {
  expect(resolveConfig({ family: 'mobilenetv2' })).toEqual({
    family: 'mobilenetv2',
    width: 1,
    depth: 1,
    fixEnds: false,
    head: true,
    activation: 'relu6',
    padding: 'symmetric',
    epsilon: 1e-5,
    numClasses: 1000,
    zeroGamma: true,
    stochasticDepth: 0,
    init: 'xavier',
    seed: 42,
    inputChannels: 3,
    name: 'mobilenetv2',
  });
  expect(resolveConfig({ family: 'mobilenetv1' }).head).toBe(false);
  expect(resolveConfig({ family: 'efficientnet_lite' }).fixEnds).toBe(true);
});

test('a resolved configuration survives JSON and resolves to itself', () => {
  const config = resolveConfig({ family: 'efficientnet_lite', width: 1.1, padding: 'same' });
  expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
});

test.each([
  [{ family: 'mobilenetv3' }, 'expected family to be one of mobilenetv1, mobilenetv2, '],
  [{ width: 0 }, 'expected width to be a positive number, got 0.'],
  [{ depth: Number.NaN }, 'expected depth to be a positive number, got NaN.'],
  [{ epsilon: -1e-3 }, 'expected epsilon to be a positive number, got -0.001.'],
  [{ padding: 'valid' }, 'expected padding to be one of symmetric, same, got "valid".'],
  [{ activation: 'swish' }, 'expected activation to be one of relu, relu6, got "swish".'],
  [{ fixEnds: 1 }, 'expected fixEnds to be one of true, false, got 1.'],
  [{ head: null }, 'expected head to be one of true, false, got null.'],
  [{ numClasses: 0 }, 'expected numClasses to be an integer of at least 1, got 0.'],
  [{ stochasticDepth: 1 }, 'expected 0 <= stochasticDepth < 1, got 1.'],
  [{ dropout: 0.2 }, 'expected every option to be one of family, width, depth, '],
])('%j is refused', (options, message) => {
  const all = { family: 'mobilenetv2', ...options } as unknown as MobileNetOptions;
  expect(() => resolveConfig(all)).toThrow(`mobileNet: ${message}`);
});
