import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { architectureOf, parameterSpecs } from './architecture.ts';
import { resolveConfig } from './config.ts';
import { countActivations, countMultiplyAdds, countParameters } from './counts.ts';
import { createModel, modelNames, optionsOf } from './names.ts';

interface Case {
  readonly name: string;
  readonly parameters: number;
  readonly tensors: number;
  readonly sha256: string;
  readonly dropRates: readonly number[];
  readonly multiplyAdds: readonly (readonly [height: number, width: number, macs: number])[];
  readonly state?: readonly unknown[];
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/timm.json', import.meta.url), 'utf8'),
);

beforeAll(() => tf.setBackend('cpu'));

/** Names and shapes in PyTorch's layout, as the state dict has them, without building anything. */
function stateOf(name: string) {
  const config = resolveConfig({ ...optionsOf(name), numClasses: 10 });
  return parameterSpecs(architectureOf(config), config).map(({ name, shape }) => [
    name,
    shape.length === 4 ? [3, 2, 0, 1].map((axis) => shape[axis]) : [...shape].reverse(),
  ]);
}

test('every name of timm is known', () => {
  expect(cases.length).toBeGreaterThan(15);
  expect(modelNames()).toEqual(expect.arrayContaining(cases.map(({ name }) => name)));
});

describe.each(cases)('$name', ({ name, parameters, tensors, sha256, dropRates, multiplyAdds }) => {
  test("has timm's tensors, names, shapes and order", () => {
    const state = stateOf(name);
    expect(state).toHaveLength(tensors);
    expect(createHash('sha256').update(JSON.stringify(state)).digest('hex')).toBe(sha256);
  });

  test("has timm's parameters and multiply-adds", () => {
    expect(countParameters(name)).toBe(parameters);
    for (const [height, width, macs] of multiplyAdds) {
      expect(countMultiplyAdds(name, { height, width })).toBe(macs);
    }
  });

  test("drops blocks at timm's rates", () => {
    const config = resolveConfig({ ...optionsOf(name), stochasticDepth: 0.2 });
    const rates = architectureOf(config).blocks.map(({ dropRate }) => dropRate);
    expect(rates).toHaveLength(dropRates.length);
    for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(dropRates[i]!, 12);
  });
});

test('the state dict of a model is what the hashes stand for', async () => {
  const { name, state } = cases.find((golden) => golden.state)!;
  const model = createModel(name, { numClasses: 10 });
  const entries = Object.entries(await model.toStateDict());
  expect(entries.map(([key, { shape }]) => [key, shape])).toEqual(state);
  model.dispose();
});

test.each([
  ['mobilenetv1_100', 5_043_688],
  ['mobilenetv2_100', 6_679_112],
  ['tf_efficientnet_lite0', 6_738_696],
])('%s keeps the %i values that hooks on the layers of timm 1.0.31 count', (name, values) => {
  expect(countActivations(name)).toBe(values);
});
