import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { groupedOptimizer, type NamedVariables, toTfjsOptimizer } from './index.ts';

beforeAll(() => tf.setBackend('cpu'));

/** s := 0.5 s + g, w := w - learningRate * s, and a count of the steps. */
const heavyBall = (parameters: NamedVariables) =>
  groupedOptimizer(parameters, {
    name: 'heavyBall',
    weightDecay: 0,
    slots: { sum: '' },
    counters: ['step'],
    formula: (constant, { step }) => {
      const half = constant(0.5);
      return () => {
        step!.assign(tf.add(step!, 1));
        return ({ weight, sum, gradient, learningRate }) => {
          const s = tf.add(tf.mul(sum, half), gradient);
          return { weight: tf.sub(weight, tf.mul(s, learningRate)), sum: s };
        };
      };
    },
  });

const newModel = () =>
  tf.sequential({
    layers: [
      tf.layers.dense({
        units: 3,
        inputShape: [2],
        activation: 'tanh',
        kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
      }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
    ],
  });

const variablesOf = (model: tf.LayersModel): tf.Variable[] =>
  model.trainableWeights.map((weight) => weight.read() as tf.Variable);

const read = (model: tf.LayersModel) => variablesOf(model).flatMap((one) => [...one.dataSync()]);

let xs: tf.Tensor2D;
let ys: tf.Tensor2D;
beforeAll(() => {
  xs = tf.randomNormal([12, 2], 0, 1, 'float32', 3);
  ys = tf.randomNormal([12, 1], 0, 1, 'float32', 4);
});
afterAll(() => tf.dispose([xs, ys]));

type Weight = { readonly name: string; readonly tensor: tf.Tensor };
const fitting = { batchSize: 4, shuffle: false, verbose: 0 } as const;
const loss = 'meanSquaredError';

let before: number;
beforeEach(() => {
  before = tf.memory().numTensors;
});

test('model.fit takes the steps of a hand-written loop, at the learning rate of each, and nothing leaks', async () => {
  const [model, twin] = [newModel(), newModel()];
  const optimizer = toTfjsOptimizer(heavyBall, { learningRate: 0 });
  model.compile({ optimizer, loss });
  const own = heavyBall(Object.fromEntries(variablesOf(twin).map((one) => [one.name, one])));
  const rate = (step: number) => 0.3 / (1 + step);
  for (let epoch = 0; epoch < 3; epoch++) {
    let afterFirst = 0;
    await model.fit(xs, ys, {
      ...fitting,
      callbacks: {
        onBatchBegin: async () => optimizer.setLearningRate(rate(optimizer.iterations)),
        onBatchEnd: async (batch) => {
          const step = epoch * 3 + batch!;
          tf.tidy(() => {
            const [x, y] = [
              tf.slice(xs, [4 * batch!, 0], [4, 2]),
              tf.slice(ys, [4 * batch!, 0], [4, 1]),
            ];
            own.minimize(
              () => tf.losses.meanSquaredError(y, twin.apply(x) as tf.Tensor).asScalar(),
              rate(step),
            );
          });
          const reference = read(twin);
          for (const [i, value] of read(model).entries()) {
            expect(Math.abs(value - reference[i]!)).toBeLessThan(1e-6);
          }
          afterFirst ||= tf.memory().numTensors;
          expect(tf.memory().numTensors).toBe(afterFirst);
        },
      },
    });
  }
  expect(optimizer.iterations).toBe(9);
  model.dispose();
  optimizer.dispose();
  twin.dispose();
  own.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

/** Saves with the optimiser and loads again, by way of memory. */
const reloaded = async (model: tf.LayersModel) => {
  let saved!: tf.io.ModelArtifacts;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler, { includeOptimizer: true });
  return tf.loadLayersModel(tf.io.fromMemory(saved));
};

const disposeAll = (...models: readonly tf.LayersModel[]) => {
  for (const one of models) {
    one.optimizer.dispose();
    one.dispose();
  }
};

test('a saved model goes on as if it had not been away, also when it is saved again before its next step', async () => {
  const model = newModel();
  model.compile({ optimizer: toTfjsOptimizer(heavyBall, { learningRate: 0.2 }), loss });
  await model.fit(xs, ys, fitting);
  const once = await reloaded(model);
  const twice = await reloaded(once);
  for (const one of [model, once, twice]) {
    await one.fit(xs, ys, { ...fitting, epochs: 2 });
    expect(one.optimizer.iterations).toBe(9);
    expect(read(one)).toEqual(read(model));
    expect(one.optimizer.getConfig().learningRate).toBe(0.2);
  }
  const [{ tensor: count }, ...state] = (await model.optimizer.getWeights()) as [
    Weight,
    ...Weight[],
  ];
  expect(count.dataSync()[0]).toBe(9);
  expect(state.some(({ tensor }) => tensor.dataSync().some((value) => value !== 0))).toBe(true);
  disposeAll(model, once, twice);
  expect(tf.memory().numTensors).toBe(before);
});

test('a saved model goes on from its state under its name, and nothing leaks', async () => {
  const name = 'HeavyBall';
  const model = newModel();
  model.compile({ optimizer: toTfjsOptimizer(heavyBall, { learningRate: 0.2, name }), loss });
  // Registered later, under another name: it must not be taken for the other.
  toTfjsOptimizer(() => expect.fail('the wrong optimiser'), { learningRate: 1 });
  await model.fit(xs, ys, fitting);
  const loaded = await reloaded(model);
  expect(loaded.optimizer.getClassName()).toBe(name);
  await loaded.fit(xs, ys, fitting);
  disposeAll(model, loaded);
  expect(tf.memory().numTensors).toBe(before);
});

describe('bad input', () => {
  test.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses the learning rate %s',
    (rate) => {
      expect(() => toTfjsOptimizer(heavyBall, { learningRate: rate })).toThrow(
        /learningRate to be finite and >= 0/,
      );
      const optimizer = toTfjsOptimizer(heavyBall, { learningRate: 0.1 });
      expect(() => optimizer.setLearningRate(rate)).toThrow(RangeError);
      expect(optimizer.getConfig()).toEqual({ learningRate: 0.1 });
    },
  );

  test("another model's state is refused at the first step, and leaks nothing", async () => {
    const other = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    const model = newModel();
    for (const one of [other, model]) {
      one.compile({ optimizer: toTfjsOptimizer(heavyBall, { learningRate: 0.1 }), loss });
    }
    await other.fit(xs, ys, fitting);
    await model.optimizer.setWeights(await other.optimizer.getWeights());
    const step = () =>
      tf.tidy(() => {
        const gradients = variablesOf(model).map(({ name, shape }) => [name, tf.zeros(shape)]);
        model.optimizer.applyGradients(Object.fromEntries(gradients));
      });
    for (let again = 0; again < 2; again++) {
      expect(step).toThrow(/expected the 5 tensors of this optimiser's state, got 3/);
    }
    disposeAll(other, model);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a list without the count of steps is refused', async () => {
    const optimizer = toTfjsOptimizer(heavyBall, { learningRate: 0.1 });
    await expect(optimizer.setWeights([])).rejects.toThrow(/expected 'iter' first, .* got nothing/);
  });

  test('a variable without a gradient is an error that names it', () => {
    const weight = tf.tidy(() => tf.variable(tf.scalar(1), true, 'lonely'));
    const optimizer = toTfjsOptimizer(heavyBall, { learningRate: 0.1 });
    const gradients = [{ name: 'lonely', tensor: undefined as unknown as tf.Tensor }];
    expect(() => optimizer.applyGradients(gradients)).toThrow(/gradient for 'lonely'/);
    optimizer.dispose();
    weight.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
