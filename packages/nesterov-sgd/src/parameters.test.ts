import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { nesterovSgd, noBiasDecay, type Parameters } from './index.ts';

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
    expect([decayed.weightDecay, notDecayed.weightDecay]).toEqual([1e-4, 0]);
    expect(decayed.parameters['fc.weight']).toBe(parameters['fc.weight']);
  });

  test('takes a list, and a model without biases', () => {
    const weight = tf.variable(tf.zeros([2, 2]));
    const [decayed, notDecayed] = noBiasDecay([weight], { weightDecay: 5e-4 });
    expect(decayed).toEqual({ parameters: { [weight.name]: weight }, weightDecay: 5e-4 });
    expect(notDecayed.parameters).toEqual({});
    nesterovSgd([decayed, notDecayed]).dispose();
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

describe('the parameters of nesterovSgd', () => {
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
      /parameter 'mean' is not trainable/,
    ],
    [
      'an int32 variable',
      () => ({ n: tf.variable(tf.scalar(1, 'int32')) }),
      /parameter 'n' to be float32, got int32/,
    ],
    [
      'one variable under two names',
      () => {
        const w = variable();
        return { a: w, b: w };
      },
      /'a' and 'b' are the same variable/,
    ],
    [
      'a stable name that is another one’s variable name',
      () => ({ a: variable('b'), b: variable('c') }),
      /stable name 'b' \(of variable 'c'\) is also the variable name of parameter 'a'/,
    ],
  ])('refuses %s and makes nothing', (_, make, message) => {
    const parameters = make();
    const before = tf.memory().numTensors;
    expect(() => nesterovSgd(parameters)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses one name in two groups', () => {
    const groups = [{ parameters: { w: variable() } }, { parameters: { w: variable() } }];
    expect(() => nesterovSgd(groups)).toThrow(/two parameters are named 'w'/);
  });

  test('refuses a weight decay or momentum out of range', () => {
    const w = variable();
    expect(() => nesterovSgd([{ parameters: [w], weightDecay: -1 }])).toThrow(RangeError);
    expect(() => nesterovSgd([w], { weightDecay: Number.NaN })).toThrow(/got NaN/);
    expect(() => nesterovSgd([w], { momentum: 1 })).toThrow(/0 <= momentum < 1, got 1/);
  });

  test('takes stable names that equal the variable’s own name', () => {
    const optimizer = nesterovSgd({ same: variable('same') });
    expect(Object.keys(optimizer.velocities)).toEqual(['same']);
  });

  test('two optimisers may hold the same parameters', () => {
    const w = variable();
    const [one, two] = [nesterovSgd([w]), nesterovSgd([w])];
    expect(one.velocities[w.name]).not.toBe(two.velocities[w.name]);
    expect(one.velocities[w.name]!.trainable).toBe(false);
  });
});
