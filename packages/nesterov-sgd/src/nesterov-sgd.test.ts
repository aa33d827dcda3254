import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nesterovSgd, noBiasDecay } from './index.ts';

type Values = Record<string, number[]>;
interface Case {
  momentum: number;
  weightDecay: number;
  initial: Values;
  gradients: Values[];
  snapshots: { step: number; weights: Values; velocities: Values }[];
}
const golden: { shapes: Values; learningRates: number[]; cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/pytorch-sgd.json', import.meta.url), 'utf8'),
);

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

function toVariables(values: Values): Record<string, tf.Variable> {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [
      name,
      tf.variable(tf.tensor(data, golden.shapes[name])),
    ]),
  );
}

function toTensors(values: Values, variables: Record<string, tf.Variable>): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [
      variables[name]!.name,
      tf.tensor(data, golden.shapes[name]),
    ]),
  );
}

/** Largest difference relative to the largest expected value. */
function relativeError(actual: tf.Tensor, expected: number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...Array.from(actual.dataSync(), (a, i) => Math.abs(a - expected[i]!))) / scale;
}

describe('against PyTorch', () => {
  test.each(
    golden.cases.flatMap((c) => [
      { ...c, rate: 'number' as const },
      { ...c, rate: 'scalar' as const },
    ]),
  )(
    'equals SGD(nesterov=True) for 50 steps with momentum $momentum, decay $weightDecay and the learning rate as a $rate',
    ({ momentum, weightDecay, initial, gradients, snapshots, rate }) => {
      const variables = toVariables(initial);
      const optimizer = nesterovSgd(noBiasDecay(variables, { weightDecay }), { momentum });
      gradients.forEach((gradient, i) => {
        const learningRate = golden.learningRates[i]!;
        optimizer.applyGradients(
          toTensors(gradient, variables),
          rate === 'number' ? learningRate : tf.scalar(learningRate),
        );
        const snapshot = snapshots.find(({ step }) => step === i + 1);
        for (const name of Object.keys(snapshot?.weights ?? {})) {
          expect(relativeError(variables[name]!, snapshot!.weights[name]!)).toBeLessThan(1e-6);
          expect(
            relativeError(optimizer.velocities[name]!, snapshot!.velocities[name]!),
          ).toBeLessThan(1e-6);
        }
      });
    },
  );

  test('the fixture tells decay from no decay: decaying the biases too misses it', () => {
    const { momentum, weightDecay, initial, gradients, snapshots } = golden.cases[1]!;
    const variables = toVariables(initial);
    const optimizer = nesterovSgd(variables, { momentum, weightDecay });
    gradients.forEach((gradient, i) => {
      optimizer.applyGradients(toTensors(gradient, variables), golden.learningRates[i]!);
    });
    const last = snapshots.at(-1)!.weights;
    expect(relativeError(variables['fc.weight']!, last['fc.weight']!)).toBeLessThan(1e-6);
    expect(relativeError(variables['fc.bias']!, last['fc.bias']!)).toBeGreaterThan(1e-2);
  });
});
