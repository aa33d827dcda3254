import { expect, test } from 'vitest';
import { type ResNetOptions, resolveConfig } from './config.ts';

test('the defaults are those of the documentation', () => {
  expect(resolveConfig({ depth: 50 })).toEqual({
    depth: 50,
    variant: 'b',
    numClasses: 1000,
    zeroGamma: true,
    stochasticDepth: 0,
    init: 'xavier',
    seed: 42,
    inputChannels: 3,
    name: 'resnet50',
    layers: [3, 4, 6, 3],
    width: 64,
    baseWidth: 64,
    cardinality: 1,
    attention: 'none',
    shortcut: 'projection',
  });
});

test('a resolved configuration survives JSON and resolves to itself', () => {
  const config = resolveConfig({ depth: 20, variant: 'd', numClasses: 10, name: 'student' });
  expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
});

test.each([
  [
    { depth: 51 },
    'expected depth to be one of 10, 14, 18, 20, 26, 32, 34, 44, 50, 56, 101, 110, 152, 200, 269, got 51.',
  ],
  [{ depth: 50, variant: 'e' }, 'expected variant to be one of a, b, c, d, t, got "e".'],
  [{ depth: 50, init: 'glorot' }, 'expected init to be one of xavier, he, got "glorot".'],
  [{ depth: 50, zeroGamma: 0 }, 'expected zeroGamma to be one of true, false, got 0.'],
  [
    { depth: 50, zerogamma: true },
    'expected every option to be one of depth, variant, numClasses, zeroGamma',
  ],
  [{ depth: 50, numClasses: 0 }, 'expected numClasses to be an integer of at least 1, got 0.'],
  [
    { depth: 50, numClasses: Number.NaN },
    'expected numClasses to be an integer of at least 1, got NaN.',
  ],
  [
    { depth: 50, inputChannels: 1.5 },
    'expected inputChannels to be an integer of at least 1, got 1.5.',
  ],
  [{ depth: 50, seed: Number.POSITIVE_INFINITY }, 'expected seed to be an integer'],
  [{ depth: 50, width: 7 }, 'expected width to be even'],
  [{ depth: 50, layers: [] }, 'expected layers to list the blocks of each stage, got [].'],
  [
    { depth: 50, layers: [2, 0] },
    'expected each entry of layers to be an integer of at least 1, got 0.',
  ],
  [{ depth: 50, attention: 'cbam' }, 'expected attention to be one of none, se, eca, got "cbam".'],
  [
    { depth: 20, variant: 'd', shortcut: 'pad' },
    'expected shortcut to be projection in variant d, got pad.',
  ],
  [{ depth: 18, cardinality: 32 }, 'expected baseWidth 64 and cardinality 1 at depth 18'],
  [{ depth: 50, cardinality: 0 }, 'expected cardinality to be an integer of at least 1, got 0.'],
  [{ depth: 50, name: '' }, 'expected name to be a non-empty string, got "".'],
])('%j is refused', (options, message) => {
  expect(() => resolveConfig(options as ResNetOptions)).toThrow(`resnet: ${message}`);
});
