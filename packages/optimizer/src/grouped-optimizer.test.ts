import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type GroupedOptimizer,
  groupedOptimizer,
  type ParameterGroup,
  type Parameters,
} from './index.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

/** s := s + g + weightDecay * w, w := w - learningRate * s, and a count of the steps. */
const summing = (
  parameters: Parameters | readonly ParameterGroup[],
  { weightDecay = 0 }: { readonly weightDecay?: number } = {},
): GroupedOptimizer =>
  groupedOptimizer(parameters, {
    name: 'summing',
    weightDecay,
    slots: { sum: '.sum' },
    counters: ['step'],
    formula(constant, { step }) {
      const one = constant(1);
      return () => {
        step!.assign(tf.add(step!, one));
        return ({ weight, sum, gradient, learningRate, weightDecay }) => {
          const s = tf.add(tf.add(sum, gradient), tf.mul(weight, weightDecay));
          return { weight: tf.sub(weight, tf.mul(s, learningRate)), sum: s };
        };
      };
    },
  });

describe('applyGradients', () => {
  test('finds gradients by variable name and by stable name', () => {
    const weight = tf.variable(tf.scalar(1));
    const optimizer = summing({ stable: weight }, { weightDecay: 0 });
    optimizer.applyGradients({ [weight.name]: tf.scalar(1) }, 0.25);
    optimizer.applyGradients({ stable: tf.scalar(1) }, 0.25);
    expect(weight.dataSync()[0]).toBe(0.25);
  });

  test('takes a list of variables and names the state by them', () => {
    const weights = [tf.variable(tf.ones([2]), true, 'first'), tf.variable(tf.ones([3]))];
    const optimizer = summing(weights);
    expect(new Set(Object.keys(optimizer.variables))).toEqual(
      new Set(['step', 'first.sum', `${weights[1]!.name}.sum`]),
    );
  });

  test('decays each group by its own weight decay, or by the default', () => {
    const [a, b, c] = [1, 1, 1].map((value) => tf.variable(tf.scalar(value))) as [
      tf.Variable,
      tf.Variable,
      tf.Variable,
    ];
    const optimizer = summing(
      [
        { parameters: { a }, weightDecay: 0 },
        { parameters: { b } },
        { parameters: [c], weightDecay: 0.5 },
      ],
      { weightDecay: 0.25 },
    );
    const zero = tf.scalar(0);
    optimizer.applyGradients({ a: zero, b: zero, [c.name]: zero }, 1);
    expect([a, b, c].map((variable) => variable.dataSync()[0])).toEqual([1, 0.75, 0.5]);
  });

  test('scales the learning rate of a group by its factor', () => {
    const [a, b] = [1, 1].map((value) => tf.variable(tf.scalar(value))) as [
      tf.Variable,
      tf.Variable,
    ];
    const optimizer = summing([{ parameters: { a } }, { parameters: { b }, rateFactor: 0.25 }]);
    const before = tf.memory().numTensors;
    const gradients = { a: tf.scalar(1), b: tf.scalar(1) };
    optimizer.applyGradients(gradients, 0.5);
    tf.dispose(gradients);
    expect(tf.memory().numTensors).toBe(before);
    expect([a, b].map((variable) => variable.dataSync()[0])).toEqual([0.5, 0.875]);
    expect(() => summing([{ parameters: { a }, rateFactor: -1 }])).toThrow(
      /expected rateFactor to be finite and >= 0, got -1/,
    );
  });

  test('survives a tidy around its making and around its steps', () => {
    const weight = tf.variable(tf.scalar(1));
    let optimizer!: GroupedOptimizer;
    tf.tidy(() => {
      optimizer = summing({ weight });
    });
    tf.tidy(() => optimizer.applyGradients({ weight: tf.scalar(1) }, 0.1));
    tf.tidy(() => optimizer.applyGradients({ weight: tf.scalar(1) }, 0.1));
    expect(Number.isFinite(weight.dataSync()[0])).toBe(true);
  });

  test.each<[string, (w: tf.Variable) => Record<string, unknown>, RegExp]>([
    [
      'missing',
      () => ({ b: tf.ones([3]) }),
      /expected a gradient for 'w' \(variable '.*'\), got undefined/,
    ],
    ['null', () => ({ w: null, b: tf.ones([3]) }), /gradient for 'w' .* got null/],
    [
      'of another shape',
      () => ({ w: tf.ones([3]), b: tf.ones([3]) }),
      /gradient of 'w' to be float32 of shape \[2,3\], got float32 of shape \[3\]/,
    ],
    ['a scalar', () => ({ w: tf.scalar(1), b: tf.ones([3]) }), /gradient of 'w' .* shape \[\]/],
    ['of another dtype', () => ({ w: tf.ones([2, 3], 'int32'), b: tf.ones([3]) }), /got int32/],
    [
      'unknown',
      (w) => ({ [w.name]: tf.ones([2, 3]), b: tf.ones([3]), other: tf.scalar(1) }),
      /parameters only, got also 'other'/,
    ],
    [
      'given under both names',
      (w) => ({ [w.name]: tf.ones([2, 3]), w: tf.ones([2, 3]), b: tf.ones([3]) }),
      /got also 'w'/,
    ],
  ])('a gradient that is %s is an error and no weight moves', (_, gradients, message) => {
    // b comes first, so that a check during the update would already have moved it.
    const parameters = { b: tf.variable(tf.zeros([3])), w: tf.variable(tf.ones([2, 3])) };
    const optimizer = summing(parameters);
    const given = gradients(parameters.w) as tf.NamedTensorMap;
    expect(() => optimizer.applyGradients(given, 0.1)).toThrow(message);
    expect(Array.from(parameters.b.dataSync())).toEqual([0, 0, 0]);
    expect(Array.from(optimizer.variables['b.sum']!.dataSync())).toEqual([0, 0, 0]);
  });

  test.each<[unknown, RegExp]>([
    [-0.1, /learningRate to be finite and >= 0, got -0.1/],
    [Number.NaN, /got NaN/],
    [Number.POSITIVE_INFINITY, /got Infinity/],
    [undefined, /number or a float32 scalar tensor, got undefined/],
  ])('refuses the learning rate %s', (rate, message) => {
    const weight = tf.variable(tf.scalar(1));
    const optimizer = summing({ weight });
    expect(() => optimizer.applyGradients({ weight: tf.scalar(1) }, rate as number)).toThrow(
      message,
    );
    expect(weight.dataSync()[0]).toBe(1);
  });

  test('refuses a learning rate tensor that is no float32 scalar', () => {
    const optimizer = summing({ weight: tf.variable(tf.ones([2])) });
    const gradients = { weight: tf.ones([2]) };
    const rates = [tf.tensor1d([0.1, 0.2]), tf.scalar(1, 'int32')] as tf.Tensor[] as tf.Scalar[];
    for (const rate of rates) {
      expect(() => optimizer.applyGradients(gradients, rate)).toThrow(TypeError);
    }
  });
});

describe('minimize', () => {
  test('returns the loss, updates the parameters and leaves nothing else behind', () => {
    const weight = tf.variable(tf.tensor1d([3, -4]));
    const other = tf.variable(tf.scalar(2));
    const optimizer = summing([weight], { weightDecay: 0 });
    const before = tf.memory().numTensors;
    const loss = () => tf.mul(tf.sum(tf.square(weight)), other).asScalar();
    const { value } = optimizer.minimize(loss, 0.1);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(value.dataSync()[0]).toBe(50);
    // g = 4w, s = g, w - 0.1 * s = 0.6 w
    expect(weight.dataSync()[0]).toBeCloseTo(1.8, 6);
    expect(weight.dataSync()[1]).toBeCloseTo(-2.4, 6);
    expect(other.dataSync()[0]).toBe(2);
  });

  test('an unconnected parameter is an error that names it and leaks nothing', () => {
    const parameters = { used: tf.variable(tf.scalar(1)), lost: tf.variable(tf.scalar(1)) };
    const optimizer = summing(parameters);
    const before = tf.memory().numTensors;
    expect(() => optimizer.minimize(() => tf.square(parameters.used).asScalar(), 0.1)).toThrow(
      /minimize: expected a gradient for 'lost' .*Does the loss depend on it/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('state', () => {
  const gradients = () => ({ w: tf.tensor1d([1, -2]), b: tf.scalar(0.5) });
  const parameters = () => ({ w: tf.variable(tf.ones([2])), b: tf.variable(tf.scalar(1)) });

  test('what getState returned does not change with later steps', () => {
    const optimizer = summing(parameters(), { weightDecay: 0 });
    optimizer.applyGradients(gradients(), 0.1);
    const state = optimizer.getState();
    optimizer.applyGradients(gradients(), 0.1);
    expect(Array.from(state['w.sum']!.dataSync())).toEqual([1, -2]);
  });

  test('is as many tensors as variables', () => {
    const optimizer = summing(parameters());
    const before = tf.memory().numTensors;
    const state = optimizer.getState();
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose(state);
  });

  test.each<[(state: tf.NamedTensorMap) => tf.NamedTensorMap, RegExp]>([
    [({ step: _, ...rest }) => rest, /missing: 'step'; unknown: none/],
    [
      (state) => ({ ...state, c: tf.scalar(1), d: tf.scalar(1), e: tf.scalar(1), f: tf.scalar(1) }),
      /missing: none; unknown: 'c', 'd', 'e' and 1 more/,
    ],
    [
      (state) => ({ ...state, 'b.sum': tf.ones([3]) }),
      /expected 'b.sum' to be float32 of shape \[\], got float32 of shape \[3\]/,
    ],
  ])('a state of another model is refused and nothing is restored', (change, message) => {
    const optimizer = summing(parameters());
    const start = optimizer.getState();
    optimizer.applyGradients(gradients(), 0.1);
    expect(() => optimizer.setState(change(start))).toThrow(message);
    expect(Array.from(optimizer.variables['w.sum']!.dataSync())).toEqual([1, -2]);
    expect(optimizer.variables.step!.dataSync()[0]).toBe(1);
  });

  test('goes on in another optimiser as if there had been one', () => {
    const [whole, halves] = [parameters(), parameters()];
    const one = summing(whole);
    for (let step = 0; step < 4; step++) one.applyGradients(gradients(), 0.1);
    const first = summing(halves);
    for (let step = 0; step < 2; step++) first.applyGradients(gradients(), 0.1);
    const second = summing(halves);
    second.setState(first.getState());
    for (let step = 0; step < 2; step++) second.applyGradients(gradients(), 0.1);
    expect(halves.w.dataSync()).toEqual(whole.w.dataSync());
    expect(second.variables.step!.dataSync()[0]).toBe(4);
  });
});

describe('dispose', () => {
  test('frees everything that was made, keeps the parameters and may be called twice', () => {
    const weight = tf.variable(tf.ones([2, 2]));
    const before = tf.memory().numTensors;
    const optimizer = summing([weight]);
    optimizer.dispose();
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(weight.isDisposed).toBe(false);
    expect(() => optimizer.applyGradients({ [weight.name]: tf.ones([2, 2]) }, 0.1)).toThrow(
      'applyGradients: this optimiser was disposed. Make a new one.',
    );
    expect(() => optimizer.getState()).toThrow(/getState: .* disposed/);
  });
});
