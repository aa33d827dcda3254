import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type NesterovSgd, nesterovSgd, noBiasDecay } from './index.ts';

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

describe('applyGradients', () => {
  test('finds gradients by variable name and by stable name', () => {
    const weight = tf.variable(tf.scalar(1));
    const optimizer = nesterovSgd({ stable: weight }, { momentum: 0, weightDecay: 0 });
    optimizer.applyGradients({ [weight.name]: tf.scalar(1) }, 0.25);
    optimizer.applyGradients({ stable: tf.scalar(1) }, 0.25);
    expect(weight.dataSync()[0]).toBe(0.5);
  });

  test('takes a list of variables and names the state by them', () => {
    const weights = [tf.variable(tf.ones([2]), true, 'first'), tf.variable(tf.ones([3]))];
    const optimizer = nesterovSgd(weights);
    expect(new Set(Object.keys(optimizer.velocities))).toEqual(
      new Set(['first', weights[1]!.name]),
    );
  });

  test('decays each group by its own weight decay, or by the default', () => {
    const [a, b, c] = [1, 1, 1].map((value) => tf.variable(tf.scalar(value))) as [
      tf.Variable,
      tf.Variable,
      tf.Variable,
    ];
    const optimizer = nesterovSgd(
      [
        { parameters: { a }, weightDecay: 0 },
        { parameters: { b } },
        { parameters: [c], weightDecay: 0.5 },
      ],
      { momentum: 0, weightDecay: 0.25 },
    );
    const zero = tf.scalar(0);
    optimizer.applyGradients({ a: zero, b: zero, [c.name]: zero }, 1);
    expect([a, b, c].map((variable) => variable.dataSync()[0])).toEqual([1, 0.75, 0.5]);
  });

  test('a learning rate of 0 moves no weight, but the velocity', () => {
    const weight = tf.variable(tf.scalar(1));
    const optimizer = nesterovSgd({ weight }, { weightDecay: 0 });
    optimizer.applyGradients({ weight: tf.scalar(3) }, 0);
    expect(weight.dataSync()[0]).toBe(1);
    expect(optimizer.velocities.weight!.dataSync()[0]).toBe(3);
  });

  test('100 steps leave no tensor behind and read no value', () => {
    const parameters = { w: tf.variable(tf.ones([2, 3])), b: tf.variable(tf.zeros([3])) };
    const optimizer = nesterovSgd(noBiasDecay(parameters));
    const gradients = { w: tf.ones([2, 3]), b: tf.ones([3]) };
    const rate = tf.scalar(0.1);
    // The first step gives the parameters buffers of their own.
    optimizer.applyGradients(gradients, rate);
    const before = tf.memory();
    const read = vi.spyOn(tf.backend(), 'readSync');
    for (let step = 0; step < 50; step++) optimizer.applyGradients(gradients, rate);
    for (let step = 0; step < 50; step++) optimizer.applyGradients(gradients, 0.1);
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(gradients.w.isDisposed).toBe(false);
    expect(rate.isDisposed).toBe(false);
  });

  test('costs 6 operations for a variable without decay and 8 for one with it', async () => {
    const parameters = { w: tf.variable(tf.ones([2, 3])), b: tf.variable(tf.zeros([3])) };
    const optimizer = nesterovSgd(noBiasDecay(parameters));
    const gradients = { w: tf.ones([2, 3]), b: tf.ones([3]) };
    const profile = await tf.profile(() => optimizer.applyGradients(gradients, tf.scalar(0.1)));
    expect(profile.kernels.map(({ name }) => name)).toHaveLength(14);
  });

  test('survives a tidy around its making and around its steps', () => {
    const weight = tf.variable(tf.scalar(1));
    let optimizer!: NesterovSgd;
    tf.tidy(() => {
      optimizer = nesterovSgd({ weight });
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
    const optimizer = nesterovSgd(parameters);
    const given = gradients(parameters.w) as tf.NamedTensorMap;
    expect(() => optimizer.applyGradients(given, 0.1)).toThrow(message);
    expect(Array.from(parameters.b.dataSync())).toEqual([0, 0, 0]);
    expect(Array.from(optimizer.velocities.b!.dataSync())).toEqual([0, 0, 0]);
  });

  test.each<[unknown, RegExp]>([
    [-0.1, /learningRate to be finite and >= 0, got -0.1/],
    [Number.NaN, /got NaN/],
    [Number.POSITIVE_INFINITY, /got Infinity/],
    [undefined, /number or a float32 scalar tensor, got undefined/],
  ])('refuses the learning rate %s', (rate, message) => {
    const weight = tf.variable(tf.scalar(1));
    const optimizer = nesterovSgd({ weight });
    expect(() => optimizer.applyGradients({ weight: tf.scalar(1) }, rate as number)).toThrow(
      message,
    );
    expect(weight.dataSync()[0]).toBe(1);
  });

  test('refuses a learning rate tensor that is no float32 scalar', () => {
    const optimizer = nesterovSgd({ weight: tf.variable(tf.ones([2])) });
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
    const optimizer = nesterovSgd([weight], { weightDecay: 0, momentum: 0.5 });
    const before = tf.memory().numTensors;
    const loss = () => tf.mul(tf.sum(tf.square(weight)), other).asScalar();
    const { value } = optimizer.minimize(loss, 0.1);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(value.dataSync()[0]).toBe(50);
    // g = 4w, v = g, w - 0.1 * (g + 0.5 * g) = 0.4 w
    expect(weight.dataSync()[0]).toBeCloseTo(1.2, 6);
    expect(weight.dataSync()[1]).toBeCloseTo(-1.6, 6);
    expect(other.dataSync()[0]).toBe(2);
  });

  test('an unconnected parameter is an error that names it and leaks nothing', () => {
    const parameters = { used: tf.variable(tf.scalar(1)), lost: tf.variable(tf.scalar(1)) };
    const optimizer = nesterovSgd(parameters);
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

  test('restored in another optimiser, it continues as if there had been one', () => {
    const [whole, halves] = [parameters(), parameters()];
    const one = nesterovSgd(whole);
    for (let step = 0; step < 6; step++) one.applyGradients(gradients(), 0.1);
    const first = nesterovSgd(halves);
    for (let step = 0; step < 3; step++) first.applyGradients(gradients(), 0.1);
    const state = first.getState();
    first.dispose();
    const second = nesterovSgd(halves);
    second.setState(state);
    tf.dispose(state);
    for (let step = 0; step < 3; step++) second.applyGradients(gradients(), 0.1);
    expect(halves.w.dataSync()).toEqual(whole.w.dataSync());
    expect(halves.b.dataSync()).toEqual(whole.b.dataSync());
  });

  test('what getState returned does not change with later steps', () => {
    const optimizer = nesterovSgd(parameters(), { weightDecay: 0 });
    optimizer.applyGradients(gradients(), 0.1);
    const state = optimizer.getState();
    optimizer.applyGradients(gradients(), 0.1);
    expect(Array.from(state.w!.dataSync())).toEqual([1, -2]);
  });

  test('is as many tensors as parameters', () => {
    const optimizer = nesterovSgd(parameters());
    const before = tf.memory().numTensors;
    const state = optimizer.getState();
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose(state);
  });

  test.each<[Record<string, tf.TensorLike>, RegExp]>([
    [{ w: [9, 9] }, /missing: 'b'; unknown: none/],
    [
      { w: [9, 9], b: 1, c: 1, d: 1, e: 1, f: 1 },
      /missing: none; unknown: 'c', 'd', 'e' and 1 more/,
    ],
    [
      { w: [9, 9, 9], b: 1 },
      /velocity of 'w' to be float32 of shape \[2\], got float32 of shape \[3\]/,
    ],
    [{ b: 1, w: 1 }, /velocity of 'w'/],
  ])('%o is refused and nothing is restored', (values, message) => {
    const optimizer = nesterovSgd(parameters(), { weightDecay: 0 });
    optimizer.applyGradients(gradients(), 0.1);
    const state = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, tf.tensor(value as number[])]),
    );
    expect(() => optimizer.setState(state)).toThrow(message);
    expect(Array.from(optimizer.velocities.w!.dataSync())).toEqual([1, -2]);
    expect(optimizer.velocities.b!.dataSync()[0]).toBe(0.5);
  });
});

describe('dispose', () => {
  test('frees everything that was made, keeps the parameters and may be called twice', () => {
    const weight = tf.variable(tf.ones([2, 2]));
    const before = tf.memory().numTensors;
    const optimizer = nesterovSgd([weight]);
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
