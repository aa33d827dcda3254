// python/resnet_variants.py; test/parity compares what its networks compute.
import { createHash } from 'node:crypto';
import { layoutOf } from '@bag-of-tricks/network-layers';
import { describe, expect, test } from 'vitest';
import { readCases } from '../fixtures/parity.ts';
import { architectureOf, parameterSpecs } from './architecture.ts';
import { resolveConfig } from './config.ts';
import { countParameters } from './counts.ts';
import { modelNames, optionsOf } from './names.ts';

const cases = readCases('python.json');

test('the Python file builds every name, and timm its own', () => {
  expect(cases.map(({ model }) => model)).toEqual(modelNames());
});

describe.each(cases)('$model in Python', ({ model, parameters, sha256 }) => {
  test('has our tensors, names, shapes and order, and as many parameters', () => {
    const config = resolveConfig(optionsOf(model));
    const state = parameterSpecs(architectureOf(config), config).map(({ name, shape }) => [
      name,
      layoutOf(shape.length).toTorch.map((axis) => shape[axis]),
    ]);
    expect(createHash('sha256').update(JSON.stringify(state)).digest('hex')).toBe(sha256);
    expect(countParameters(model)).toBe(parameters);
  });
});
