import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { adamw, noBiasDecay, type Parameters } from './index.ts';

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => tf.disposeVariables());

describe('noBiasDecay', () => {
  test('decays conv and dense weights, not biases, gammas and betas', () => {
    const parameters = {
      'conv1.weight': tf.variable(tf.zeros([3, 3, 3, 8])),
      'bn1.weight': tf.variable(tf.ones([8])),
      'fc.weight': tf.variable(tf.zeros([8, 10])),
      'fc.bias': tf.variable(tf.zeros([10])),
      temperature: tf.variable(tf.scalar(1)),
    };
    const [decayed, notDecayed] = noBiasDecay(parameters, { weightDecay: 0.05 });
    expect(Object.keys(decayed.parameters)).toEqual(['conv1.weight', 'fc.weight']);
    expect(Object.keys(notDecayed.parameters)).toEqual(['bn1.weight', 'fc.bias', 'temperature']);
    expect([decayed.weightDecay, notDecayed.weightDecay]).toEqual([0.05, 0]);
  });

  test('takes a list, and a model without biases', () => {
    const weight = tf.variable(tf.zeros([2, 2]));
    const groups = noBiasDecay([weight]);
    expect(groups[0]).toEqual({ parameters: { [weight.name]: weight }, weightDecay: 0.01 });
    adamw(groups).dispose();
  });

  test.each([-1, Number.NaN])('refuses the weight decay %d', (weightDecay) => {
    expect(() => noBiasDecay([], { weightDecay })).toThrow(
      `noBiasDecay: expected weightDecay to be finite and >= 0, got ${weightDecay}.`,
    );
  });
});

describe('the parameters of adamw', () => {
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
      /parameter 'mean' to be a trainable .* not trainable/,
    ],
    [
      'an int32 variable',
      () => ({ n: tf.variable(tf.scalar(1, 'int32')) }),
      /parameter 'n' to be a trainable float32 variable, got int32/,
    ],
    [
      'one variable under two names',
      () => {
        const w = variable('one');
        return { a: w, b: w };
      },
      /'a' and 'b' \(variable 'one'\) share the name 'one'/,
    ],
    [
      'a stable name that is another one’s variable name',
      () => ({ a: variable('b'), b: variable('c') }),
      /'a' and 'b' \(variable 'c'\) share the name 'b'/,
    ],
  ])('refuses %s and makes nothing', (_, make, message) => {
    const parameters = make();
    const before = tf.memory().numTensors;
    expect(() => adamw(parameters)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses one name in two groups, and a bad decay of one group', () => {
    const [one, two] = [{ parameters: { w: variable() } }, { parameters: { w: variable() } }];
    expect(() => adamw([one, two])).toThrow(/share the name 'w'/);
    expect(() => adamw([{ ...one, weightDecay: -1 }])).toThrow(/weightDecay .* got -1/);
  });

  test('takes stable names that equal the variable’s own name', () => {
    const optimizer = adamw({ same: variable('same') });
    expect(Object.keys(optimizer.variables)).toContain('same.exp_avg');
  });
});
