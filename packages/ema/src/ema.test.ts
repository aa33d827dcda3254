import { readFileSync } from 'node:fs';
import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EmaDecayOptions, ema, emaDecay } from './index.ts';

type Values = Record<string, number[]>;
interface Case {
  options: Record<string, number | boolean>;
  initial: Values;
  steps: Values[];
  decays: number[];
  snapshots: { step: number; averages: Values }[];
}
const golden: { shapes: Values; cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/timm-ema.json', import.meta.url), 'utf8'),
);

/** timm's arguments as ours. */
function toOptions({ options }: Case): EmaDecayOptions {
  const given = options as Record<string, number>;
  const warmup = { gamma: given.warmup_gamma ?? 1, power: given.warmup_power ?? 2 / 3 };
  return {
    decay: given.decay!,
    minDecay: given.min_decay ?? 0,
    updateAfterStep: given.update_after_step ?? 0,
    warmup: options.use_warmup ? warmup : null,
  };
}

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const toVariables = (values: Values) =>
  Object.fromEntries(
    Object.entries(values).map(([name, data]) => [
      name,
      // Running statistics are averaged too, and they are not trainable.
      tf.variable(tf.tensor(data, golden.shapes[name]), !name.includes('running')),
    ]),
  );

function assign(variables: Record<string, tf.Variable>, values: Values): void {
  for (const [name, data] of Object.entries(values)) {
    variables[name]!.assign(tf.tensor(data, golden.shapes[name]));
  }
}

function expectAverages(actual: Record<string, ArrayLike<number>>, expected: Values): void {
  for (const [name, values] of Object.entries(expected)) {
    for (const [i, value] of values.entries()) {
      expect(Math.abs(actual[name]![i]! - value), name).toBeLessThan(1e-6 * (1 + Math.abs(value)));
    }
  }
}

const read = (variables: Record<string, tf.Variable>) =>
  Object.fromEntries(Object.entries(variables).map(([name, v]) => [name, v.dataSync()]));

describe('against timm', () => {
  const cases = golden.cases.map((one) => [JSON.stringify(one.options), one] as const);

  test.each(cases)('the decay of every step is that of ModelEmaV3 with %s', (_, one) => {
    for (const [i, decay] of one.decays.entries()) {
      expect(emaDecay(i + 1, toOptions(one))).toBeCloseTo(decay, 12);
    }
  });

  test.each(cases)('the averages are those of ModelEmaV3 with %s', (_, one) => {
    const variables = toVariables(one.initial);
    const average = ema(variables, toOptions(one));
    for (const [i, values] of one.steps.entries()) {
      assign(variables, values);
      average.update();
      const snapshot = one.snapshots.find(({ step }) => step === i + 1);
      if (snapshot) expectAverages(read(average.averages), snapshot.averages);
    }
  });

  test('compiled, they are too, and go on after a resume in the middle', async () => {
    await registerTensorFlowBackend();
    const one = golden.cases[2]!;
    const variables = toVariables(one.initial);
    const shapes = Object.entries(golden.shapes).map(([name, shape]) => [name, { shape }] as const);
    const inputs = Object.fromEntries(shapes);
    const make = async (state?: tf.NamedTensorMap) => {
      const average = ema(variables, toOptions(one));
      if (state) average.setState(state);
      const step = await compile(
        (values) => {
          for (const [name, value] of Object.entries(values)) variables[name]!.assign(value);
          average.update();
        },
        { inputs },
      );
      return { average, step };
    };
    let { average, step } = await make();
    for (const [i, values] of one.steps.entries()) {
      if (i === 7) {
        await step.sync();
        await step.dispose();
        const state = average.getState();
        average.dispose();
        ({ average, step } = await make(state));
      }
      await step.run(values);
      const snapshot = one.snapshots.find(({ step }) => step === i + 1);
      if (!snapshot) continue;
      const arrays = Object.entries(await step.read(average.averages));
      expectAverages(
        Object.fromEntries(arrays.map(([name, { values }]) => [name, values])),
        snapshot.averages,
      );
    }
    await step.dispose();
    await tf.setBackend('cpu');
  });
});

describe('ema', () => {
  const model = () => ({ w: tf.variable(tf.tensor1d([1, 2])), mean: tf.variable(tf.scalar(3)) });

  test('a decay of 0 copies', () => {
    const variables = model();
    const { update, averages } = ema(variables, { decay: 0 });
    update();
    variables.w.assign(tf.tensor1d([5, -6]));
    update();
    expect(Array.from(averages.w!.dataSync())).toEqual([5, -6]);
  });

  test('of variables that stand still is what they are, to the last bit', () => {
    const w = tf.variable(tf.tensor1d([0.1, 1 / 3, 1e-30]));
    const { update, averages } = ema({ w }, { decay: 0.99, warmup: {} });
    for (let step = 0; step < 100; step++) update();
    expect(averages.w!.dataSync()).toEqual(w.dataSync());
  });

  test('a large decay keeps its digits: 1 - 0.99999 is 1e-5', () => {
    const w = tf.variable(tf.scalar(0));
    const { update, averages } = ema({ w }, { decay: 0.99999 });
    update();
    w.assign(tf.scalar(1));
    update();
    expect(averages.w!.dataSync()[0]).toBeCloseTo(1e-5, 11);
  });

  test('100 updates leave no tensor behind and read no value', () => {
    const { update } = ema(model(), { warmup: {} });
    update();
    const before = tf.memory();
    const reads = vi.spyOn(tf.backend(), 'readSync');
    for (let step = 0; step < 100; step++) update();
    expect(reads).not.toHaveBeenCalled();
    reads.mockRestore();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  test('withAverages lends the averages and gives the weights back, also after an error', () => {
    const variables = model();
    const average = ema(variables, { decay: 0.5 });
    average.update();
    variables.w.assign(tf.tensor1d([3, 4]));
    average.update();
    const before = tf.memory().numTensors;
    expect(Array.from(average.withAverages(() => variables.w.dataSync()))).toEqual([2, 3]);
    expect(Array.from(variables.w.dataSync())).toEqual([3, 4]);
    expect(() =>
      average.withAverages(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(Array.from(variables.w.dataSync())).toEqual([3, 4]);
    expect(Array.from(average.averages.w!.dataSync())).toEqual([2, 3]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('state is the step and one tensor a variable; what getState returned does not change', () => {
    const variables = model();
    const average = ema(variables);
    average.update();
    const state = average.getState();
    expect(Object.keys(state)).toEqual(['step', 'w', 'mean']);
    average.update();
    expect(state.step!.dataSync()[0]).toBe(1);
  });

  test.each<[(state: tf.NamedTensorMap) => tf.NamedTensorMap, RegExp]>([
    [({ w: _, ...rest }) => rest, /missing: w; unknown: none/],
    [(state) => ({ ...state, other: tf.scalar(1) }), /missing: none; unknown: other/],
    [(state) => ({ ...state, w: tf.ones([3]) }), /'w' to be float32 of shape \[2\], got .* \[3\]/],
  ])('a state of another model is refused and nothing is restored', (change, message) => {
    const average = ema(model());
    const start = average.getState();
    average.update();
    expect(() => average.setState(change(start))).toThrow(message);
    expect(average.variables.step!.dataSync()[0]).toBe(1);
  });

  test('disposing frees everything that was made, keeps the variables and may be done twice', () => {
    const variables = model();
    const before = tf.memory().numTensors;
    const average = ema(variables);
    average.dispose();
    average.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(() => average.update()).toThrow('update: this average was disposed. Make a new one.');
  });

  test.each<[() => unknown, RegExp]>([
    [() => ema({}), /at least one variable, got none/],
    [() => ema({ w: tf.scalar(1) as tf.Variable }), /'w' to be a float32 tf.Variable/],
    [() => ema({ n: tf.variable(tf.scalar(1, 'int32')) }), /'n' .* got int32/],
    [() => ema({ step: tf.variable(tf.scalar(1)) }), /the name 'step' is that of the count/],
    [() => ema(model(), { decay: 1 }), /0 <= decay < 1 .* got 1/],
    [() => ema(model(), { decay: Number.NaN }), /got NaN/],
    [() => ema(model(), { decay: 0.5, minDecay: 0.6 }), /minDecay <= decay, got 0.6/],
    [() => ema(model(), { updateAfterStep: 1.5 }), /updateAfterStep to be an integer >= 0.* 1.5/],
    [() => ema(model(), { warmup: { gamma: 0 } }), /warmup.gamma to be finite and > 0, got 0/],
    [() => ema(model(), { warmup: { power: -1 } }), /warmup.power .* got -1/],
    [() => emaDecay(0), /emaDecay: expected step to be an integer >= 1, got 0/],
  ])('refuses what makes no average: %s', (make, message) => {
    expect(make).toThrow(message);
  });
});
