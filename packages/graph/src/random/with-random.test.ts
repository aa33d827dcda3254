import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { compile, type TensorValue, withRandom } from '../index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const newStep = (step = 0) => tf.variable(tf.scalar(step, 'int32'), false);
const x8 = { x: { shape: [8] } } as const;
const ones = { x: new Array<number>(8).fill(1) };
const valuesOf = (tensors: Record<string, tf.Tensor>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.dataSync()]));

/** Every op that is replaced, and all that can be asked of it. */
const everyOp = () => ({
  uniform: tf.randomUniform([3, 4]),
  bounds: tf.randomUniform([3, 4], -1, 3),
  seeded: tf.randomUniform([6], 0, 1, 'float32', 7),
  word: tf.randomUniform([6], 0, 1, 'float32', 'seed'),
  int32: tf.randomUniformInt([6], -3, 9),
  bool: tf.randomUniform([6], 0, 2, 'bool'),
  normal: tf.randomNormal([6], 1, 2),
  rounded: tf.randomNormal([6], 1, 2, 'int32'),
  standard: tf.randomStandardNormal([6]),
  truncated: tf.truncatedNormal([6], 1, 2, 'float32', 3),
  dropout: tf.dropout(tf.ones([4, 6]), 0.4),
  channels: tf.dropout(tf.ones([4, 6]), 0.4, [4, 1], 5),
  one: tf.randomUniform([1]),
  none: tf.randomUniform([0]),
});

describe('a compiled function and withRandom', () => {
  test('draw the same numbers, bit for bit: others at every run, and again after the step is set back', async () => {
    const step = newStep(41);
    const eager = [0, 1, 2].map(() => valuesOf(withRandom({ seed: 5, step }, everyOp)));
    expect(step.dataSync()[0]).toBe(44);
    expect(eager[1]).not.toEqual(eager[0]);

    step.assign(tf.scalar(41, 'int32'));
    const compiled = await compile(everyOp, { inputs: {}, random: { seed: 5, step } });
    const run = async () => {
      const results = Object.entries(await compiled.run({}));
      return Object.fromEntries(
        results.map(([name, result]) => [name, (result as TensorValue).values]),
      );
    };
    const [first, second, third] = [await run(), await run(), await run()];
    expect([first, second, third]).toEqual(eager);

    await compiled.write({ step: [42] }, { step });
    expect(await run()).toEqual(eager[1]);
    await compiled.dispose();
  });

  test('use the seed and step of a call inside of fn, where there is one', async () => {
    const [outer, inner] = [newStep(), newStep(3)];
    const fn = () => {
      const before = tf.randomUniform<tf.Rank.R1>([2]);
      const within = withRandom({ seed: 9, step: inner }, () => tf.randomUniform<tf.Rank.R1>([2]));
      const after = tf.randomUniform<tf.Rank.R1>([2]);
      return { before, within, after };
    };
    const nested = valuesOf(withRandom({ seed: 1, step: outer }, fn));
    inner.assign(tf.scalar(3, 'int32'));
    const alone = withRandom({ seed: 9, step: inner }, () => tf.randomUniform([2])).dataSync();
    expect(nested.within).toEqual(alone);
    expect(new Set(Object.values(nested).map(String)).size).toBe(3);

    for (const step of [outer, inner]) step.assign(tf.scalar(step === inner ? 3 : 0, 'int32'));
    const compiled = await compile(fn, { inputs: {}, random: { seed: 1, step: outer } });
    const actual = await compiled.run({});
    expect(actual.before.values).toEqual(nested.before);
    expect(actual.within.values).toEqual(nested.within);
    expect(actual.after.values).toEqual(nested.after);
    const state = await compiled.read({ outer, inner });
    expect([state.outer!.values[0], state.inner!.values[0]]).toEqual([1, 4]);
    await compiled.dispose();
  });

  test('know one mask forward and backward, whatever the batch size', async () => {
    const [step, graphStep] = [newStep(), newStep()];
    const weight = tf.variable(tf.ones([3]));
    const stochasticDepth = ({ x }: { x: tf.Tensor }) => {
      const forward = () => {
        const [batch] = x.shape;
        const keep = tf.floor(tf.add(tf.randomUniform([batch!, 1], 0, 1), 0.5));
        return tf.sum(tf.mul(tf.mul(x, weight), keep)).asScalar();
      };
      const { value, grads } = tf.variableGrads(forward, [weight]);
      return { value, gradient: tf.sum(grads[weight.name]!) as tf.Scalar };
    };
    const compiled = await compile(stochasticDepth, {
      inputs: { x: { shape: [null, 3] } },
      random: { seed: 1, step: graphStep },
    });
    for (const batch of [64, 5, 64]) {
      const x = tf.ones([batch, 3]);
      const { value, gradient } = withRandom({ seed: 1, step }, () => stochasticDepth({ x }));
      const actual = await compiled.run({ x });
      expect(actual.gradient).toBe(actual.value);
      expect([actual.value, actual.gradient]).toEqual([
        value.dataSync()[0],
        gradient.dataSync()[0],
      ]);
    }
    await compiled.dispose();
  });
});

describe('a compiled function', () => {
  test('has no counter and no node more when nothing is drawn', async () => {
    const step = newStep();
    const fn = ({ x }: { x: tf.Tensor }) => tf.dropout(x, 0) as tf.Tensor1D;
    const plain = await compile(fn, { inputs: x8 });
    const random = await compile(fn, { inputs: x8, random: { seed: 1, step } });
    expect(random.traces[0]!.nodeCount).toBe(plain.traces[0]!.nodeCount);
    await random.run(ones);
    expect(await random.read()).toEqual({});
    await Promise.all([plain.dispose(), random.dispose()]);
  });

  test('evaluates with shared state without a draw, and leaves the step as it is', async () => {
    const step = newStep();
    const weight = tf.variable(tf.ones([8]));
    const apply = (x: tf.Tensor, training: boolean) =>
      tf.mul<tf.Tensor1D>(training ? tf.dropout(x, 0.5) : x, weight);
    const random = { seed: 1, step };
    const train = await compile(({ x }) => weight.assign(tf.add(weight, apply(x, true))), {
      inputs: x8,
      random,
    });
    const evaluate = await compile(({ x }) => apply(x, false), {
      inputs: x8,
      shareStateWith: train,
      random,
    });
    await train.run(ones);
    const { values } = await evaluate.run(ones);
    expect(await evaluate.run(ones)).toEqual({ shape: [8], dtype: 'float32', values });
    expect(new Set(values)).toEqual(new Set([1, 3]));
    expect((await train.read({ step })).step!.values[0]).toBe(1);
    await Promise.all([train.dispose(), evaluate.dispose()]);
  });

  test('trains on after a resume as if it had not been stopped, bit for bit', async () => {
    const start = async (saved?: Readonly<Record<string, TensorValue>>) => {
      const variables = {
        weight: tf.variable(tf.linspace(-1, 1, 32).reshape([8, 4])),
        step: newStep(),
      };
      const train = await compile(
        ({ x }) => {
          const loss = () => {
            const hidden = tf.matMul(tf.dropout(x, 0.5).reshape([1, 8]), variables.weight as never);
            return tf.mean(tf.square(tf.add(hidden, tf.randomNormal([1, 4])))).asScalar();
          };
          const { value, grads } = tf.variableGrads(loss, [variables.weight]);
          const gradient = grads[variables.weight.name]!;
          variables.weight.assign(tf.sub(variables.weight, tf.mul(gradient, 0.1)) as tf.Tensor2D);
          return value;
        },
        {
          inputs: x8,
          random: { seed: 3, step: variables.step },
          session: { intraOpThreads: 1, interOpThreads: 1 },
        },
      );
      if (saved !== undefined) await train.write(saved, variables);
      const run = async (count: number) => {
        const losses: number[] = [];
        for (let i = 0; i < count; i++) losses.push(await train.run(ones));
        return losses;
      };
      const stop = async () => {
        const state = await train.read(variables);
        await train.dispose();
        return state as Readonly<Record<string, TensorValue>>;
      };
      return { run, stop };
    };
    const whole = await start();
    const expected = await whole.run(6);
    const first = await start();
    const before = await first.run(2);
    const second = await start(await first.stop());
    expect([...before, ...(await second.run(4))]).toEqual(expected);
    expect(new Set(expected).size).toBe(6);
    expect(await second.stop()).toEqual(await whole.stop());
  });
});

describe('withRandom', () => {
  const dropTwice = () => tf.tidy(() => tf.dropout(tf.dropout(tf.ones([100]), 0.5), 0.5).sum());

  test('leaves nothing behind, in tfjs or in TensorFlow', async () => {
    const { nativeHandleCount } = await registerTensorFlowBackend();
    const step = newStep();
    const counts = () => [nativeHandleCount(), tf.memory().numTensors];
    withRandom({ seed: 1, step }, dropTwice).dispose();
    const before = counts();
    withRandom({ seed: 1, step }, dropTwice).dispose();
    const fail = () => {
      tf.tidy(() => {
        dropTwice();
        throw new Error('of fn');
      });
    };
    expect(() => withRandom({ seed: 1, step }, fail)).toThrow('of fn');
    expect(counts()).toEqual(before);
    expect(step.dataSync()[0]).toBe(2);
  });

  test('gives tfjs back as it was, also after an error', () => {
    const engine = tf.engine();
    const { random } = Math;
    const { makeTensor } = engine;
    const unlike = () => withRandom({ seed: 1, step: newStep() }, () => tf.randomGamma([2], 1));
    expect(unlike).toThrow(
      /withRandom: .*got a call of tf\.randomGamma, whose numbers have no key/,
    );
    expect([Math.random, engine.makeTensor]).toEqual([random, makeTensor]);
    expect(Object.keys(engine)).not.toContain('makeTensor');
    expect('random' in {}).toBe(false);
    expect(Object.keys(tf.TensorBuffer.prototype)).not.toContain('size');
    expect(tf.randomUniform([2], 1, 2).dataSync()[0]).toBeGreaterThanOrEqual(1);
  });

  test('leaves everything else alone: buffers, Math.random, a step when nothing is drawn', () => {
    const step = newStep();
    const { random } = Math;
    Math.random = () => 0.25;
    try {
      const result = withRandom({ seed: 1, step }, () => {
        const buffer = tf.buffer([2]);
        buffer.set(Math.random(), 1);
        return buffer.toTensor();
      });
      expect(Array.from(result.dataSync())).toEqual([0, 0.25]);
    } finally {
      Math.random = random;
    }
    expect(step.dataSync()[0]).toBe(0);
  });

  test('refuses what has no key in a copy of tfjs-core that is not this one', () => {
    const engine = tf.engine();
    const foreign = () => {
      engine.startScope('randomUniform__op');
      try {
        return tf.tensor1d([Math.random()]);
      } finally {
        engine.endScope();
      }
    };
    expect(() => withRandom({ seed: 1, step: newStep() }, foreign)).toThrow(
      /tf\.randomUniform of another copy of @tensorflow\/tfjs-core/,
    );
  });

  test.each<[string, () => { seed: number; step: tf.Variable }, RegExp]>([
    ['a seed', () => ({ seed: 0.5, step: newStep() }), /random\.seed to be an integer, got 0\.5/],
    ['a number', () => ({ seed: 1, step: 0 as never }), /random\.step .* got number/],
    [
      'a float',
      () => ({ seed: 1, step: tf.variable(tf.scalar(0)) }),
      /got a float32 one of shape \[\]/,
    ],
    [
      'a vector',
      () => ({ seed: 1, step: tf.variable(tf.tensor1d([0], 'int32')) }),
      /got a int32 one of shape \[1\]/,
    ],
  ])('and compile refuse %s that is none', async (_, options, message) => {
    expect(() => withRandom(options(), dropTwice)).toThrow(message);
    await expect(compile(dropTwice, { inputs: {}, random: options() })).rejects.toThrow(message);
  });

  test('refuses a promise', () => {
    const step = newStep();
    expect(() => withRandom({ seed: 1, step }, async () => dropTwice())).toThrow(
      /withRandom: expected fn to be synchronous, got a promise/,
    );
  });

  test('on another backend, numbers follow seed, place and step too, and a step put back repeats them', async () => {
    await tf.setBackend('cpu');
    try {
      const step = tf.tidy(() => tf.variable(tf.scalar(0, 'int32'), false));
      const before = tf.memory().numTensors;
      const fn = () => [tf.dropout(tf.ones([100]), 0.5), tf.randomNormal([5])];
      const draw = (seed: number) => {
        const tensors = withRandom({ seed, step }, () => tf.tidy(fn));
        const numbers = tensors.map((tensor) => tensor.dataSync().join());
        tf.dispose(tensors);
        return numbers;
      };
      const [first, second, other] = [draw(1), draw(1), draw(2)];
      expect(new Set([...first, ...second, ...other]).size).toBe(3 * first.length);
      expect(step.dataSync()[0]).toBe(3);
      tf.tidy(() => step.assign(tf.scalar(0, 'int32')));
      expect(draw(1)).toEqual(first);
      withRandom({ seed: 1, step }, () => 0);
      expect(step.dataSync()[0]).toBe(1);
      expect(tf.memory().numTensors).toBe(before);
      step.dispose();
    } finally {
      await tf.setBackend('tensorflow');
    }
  });
});
