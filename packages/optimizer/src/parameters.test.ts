import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { groupedOptimizer, noBiasDecay, type ParameterGroup, type Parameters } from './index.ts';

/** Only what it takes is looked at here. */
const optimizerOf = (parameters: Parameters | readonly ParameterGroup[], weightDecay = 0) =>
  groupedOptimizer(parameters, {
    ...{ name: 'optimizerOf', weightDecay, slots: { copy: '.copy' } },
    formula:
      () =>
      () =>
      ({ weight, copy }) => ({ weight, copy }),
  });

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => tf.disposeVariables());

describe('noBiasDecay', () => {
  test('decays conv and dense weights, not biases, gammas and betas', () => {
    const parameters = {
      'conv1.weight': tf.variable(tf.zeros([3, 3, 3, 8])),
      'bn1.weight': tf.variable(tf.ones([8])),
      'bn1.bias': tf.variable(tf.zeros([8])),
      'fc.weight': tf.variable(tf.zeros([8, 10])),
      'fc.bias': tf.variable(tf.zeros([10])),
      temperature: tf.variable(tf.scalar(1)),
    };
    const [decayed, notDecayed] = noBiasDecay(parameters);
    expect(Object.keys(decayed.parameters)).toEqual(['conv1.weight', 'fc.weight']);
    expect(Object.keys(notDecayed.parameters)).toEqual([
      'bn1.weight',
      'bn1.bias',
      'fc.bias',
      'temperature',
    ]);
    // The optimiser's own default holds.
    expect([decayed.weightDecay, notDecayed.weightDecay]).toEqual([undefined, 0]);
    expect(decayed.parameters['fc.weight']).toBe(parameters['fc.weight']);
  });

  test('takes a list, and a model without biases', () => {
    const weight = tf.variable(tf.zeros([2, 2]));
    const [decayed, notDecayed] = noBiasDecay([weight], { weightDecay: 5e-4 });
    expect(decayed).toEqual({ parameters: { [weight.name]: weight }, weightDecay: 5e-4 });
    expect(notDecayed.parameters).toEqual({});
    optimizerOf([decayed, notDecayed]).dispose();
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses the weight decay %d',
    (weightDecay) => {
      expect(() => noBiasDecay([], { weightDecay })).toThrow(
        `noBiasDecay: expected weightDecay to be finite and >= 0, got ${weightDecay}.`,
      );
    },
  );
});

describe('the parameters of an optimiser', () => {
  const variable = (name?: string) => tf.variable(tf.ones([2]), true, name);

  test.each<[string, () => Parameters, RegExp]>([
    ['nothing', () => [], /at least one parameter, got none/],
    [
      'a tensor',
      () => ({ w: tf.ones([2]) as tf.Variable }),
      /tf\.Variable for parameter 'w', got object/,
    ],
    ['null', () => [null as unknown as tf.Variable], /got null/],
    [
      'a variable that is not trainable',
      () => ({ mean: tf.variable(tf.ones([2]), false) }),
      /parameter 'mean' to be a trainable float32 variable, got one that is not trainable/,
    ],
    [
      'an int32 variable',
      () => ({ n: tf.variable(tf.scalar(1, 'int32')) }),
      /parameter 'n' to be a trainable float32 variable, got int32/,
    ],
    [
      'one variable under two names',
      () => {
        const w = variable();
        return { a: w, b: w };
      },
      /parameters 'a' and 'b' .* share the name/,
    ],
    [
      'a stable name that is another one’s variable name',
      () => ({ a: variable('b'), b: variable('c') }),
      /parameters 'a' and 'b' \(variable 'c'\) share the name 'b'/,
    ],
  ])('refuses %s and makes nothing', (_, make, message) => {
    const parameters = make();
    const before = tf.memory().numTensors;
    expect(() => optimizerOf(parameters)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses one name in two groups', () => {
    const groups = [{ parameters: { w: variable() } }, { parameters: { w: variable() } }];
    expect(() => optimizerOf(groups)).toThrow(/share the name 'w'/);
  });

  test('refuses a weight decay out of range', () => {
    const w = variable();
    expect(() => optimizerOf([{ parameters: [w], weightDecay: -1 }])).toThrow(RangeError);
    expect(() => optimizerOf([w], Number.NaN)).toThrow(/optimizerOf: .* got NaN/);
  });

  test('takes stable names that equal the variable’s own name', () => {
    const optimizer = optimizerOf({ same: variable('same') });
    expect(Object.keys(optimizer.variables)).toEqual(['same.copy']);
  });

  test('two optimisers may hold the same parameters', () => {
    const w = variable();
    const [one, two] = [optimizerOf([w]), optimizerOf([w])];
    expect(one.variables[`${w.name}.copy`]).not.toBe(two.variables[`${w.name}.copy`]);
    expect(one.variables[`${w.name}.copy`]!.trainable).toBe(false);
  });
});
