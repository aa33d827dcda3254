import { nesterovSgd, nesterovUpdate } from '@bag-of-tricks/nesterov-sgd';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { relativeError } from '../../test/support/compare.ts';
import { compile } from '../index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

/** How often the graph's bytes name an op. */
async function count(op: string, compiled: { graphDef(): Promise<Uint8Array> }): Promise<number> {
  const text = Buffer.from(await compiled.graphDef()).toString('latin1');
  // An op follows its node's name, with its length before it.
  return text.split(`\x12${String.fromCharCode(op.length)}${op}`).length - 1;
}

const start = [0.5, -1, 2];

function problem() {
  const weight = tf.variable(tf.tensor1d(start));
  const bias = tf.variable(tf.scalar(0.25));
  const loss = (x: tf.Tensor) => () =>
    tf.mean(tf.square(tf.add(tf.mul(weight, x), bias))).asScalar();
  return { weight, bias, loss };
}

describe('the update of nesterov-sgd', () => {
  test.each([0, 1e-2])(
    'is one op in place, and equals the eager one, with weight decay %d',
    async (weightDecay) => {
      const train = () => {
        const { weight, bias, loss } = problem();
        const optimizer = nesterovSgd({ weight, bias }, { momentum: 0.8, weightDecay });
        const step = ({ x, rate }: { x: tf.Tensor; rate: tf.Scalar }) =>
          tf.tidy(() => optimizer.minimize(loss(x), rate).value);
        return { weight, bias, optimizer, step };
      };
      const [eager, traced] = [train(), train()];
      const compiled = await compile(traced.step, {
        inputs: { x: { shape: [3] }, rate: { shape: [] } },
      });
      expect(await count('ResourceApplyMomentum', compiled)).toBe(2);
      for (let i = 0; i < 20; i++) {
        const x = [Math.sin(i), Math.cos(i), 1];
        const rate = 0.1 / (1 + i);
        const loss = eager.step({ x: tf.tensor1d(x), rate: tf.scalar(rate) });
        expect(relativeError([await compiled.run({ x, rate })], loss.dataSync())).toBeLessThan(
          1e-5,
        );
      }
      const { weight, velocity } = await compiled.read({
        weight: traced.weight,
        velocity: traced.optimizer.velocities.weight!,
      });
      expect(relativeError(weight!.values, eager.weight.dataSync())).toBeLessThan(1e-5);
      expect(
        relativeError(velocity!.values, eager.optimizer.velocities.weight!.dataSync()),
      ).toBeLessThan(1e-5);
      await compiled.dispose();
    },
  );

  test('gives outputs and averages the new values too', async () => {
    const { weight, bias, loss } = problem();
    const average = tf.variable(weight, false);
    const optimizer = nesterovSgd({ weight, bias }, { weightDecay: 0 });
    const step = ({ x }: { x: tf.Tensor }) =>
      tf.tidy(() => {
        const old = tf.clone(weight);
        optimizer.minimize(loss(x), 0.1);
        average.assign(tf.add(tf.mul(average, 0.5), tf.mul(weight, 0.5)) as tf.Tensor1D);
        return { moved: tf.sub(weight, old) as tf.Tensor1D, now: tf.clone(weight) as tf.Tensor1D };
      });
    const compiled = await compile(step, { inputs: { x: { shape: [3] } } });
    const result = await compiled.run({ x: [1, 2, 3] });
    const after = await compiled.read({ weight, average });
    const expected = step({ x: tf.tensor1d([1, 2, 3]) });
    expect(relativeError(result.moved.values, expected.moved.dataSync())).toBeLessThan(1e-6);
    expect(relativeError(result.now.values, weight.dataSync())).toBeLessThan(1e-6);
    expect(relativeError(after.weight!.values, weight.dataSync())).toBeLessThan(1e-6);
    expect(relativeError(after.average!.values, average.dataSync())).toBeLessThan(1e-6);
    await compiled.dispose();
  });
});

describe('an update that is taken only if a condition holds', () => {
  /** What `scaledStep` of `amp` does: every variable becomes what the step made of it, or what it was. */
  function chosen(condition: tf.Tensor, variables: readonly tf.Variable[], update: () => void) {
    const before = variables.map((variable) => tf.clone(variable));
    update();
    variables.forEach((variable, i) => {
      const inputs = { condition, t: variable, e: before[i]! };
      variable.assign(tf.engine().runKernel(tf.Select, inputs) as tf.Tensor);
    });
  }

  test('is one op in place, which is skipped where the condition does not hold, whatever the gradient', async () => {
    const train = () => {
      const { weight, bias, loss } = problem();
      const average = tf.variable(weight, false);
      const optimizer = nesterovSgd({ weight, bias }, { momentum: 0.8, weightDecay: 1e-2 });
      const velocities = Object.values(optimizer.velocities);
      const step = ({ x, rate }: { x: tf.Tensor; rate: tf.Scalar }) =>
        tf.tidy(() => {
          const { value, grads } = tf.variableGrads(loss(x), [weight, bias]);
          const finite = tf.all(tf.isFinite(value));
          chosen(finite, [weight, bias, average, ...velocities], () => {
            optimizer.applyGradients(grads, rate);
            average.assign(tf.add(tf.mul(average, 0.5), tf.mul(weight, 0.5)) as tf.Tensor1D);
          });
          return value;
        });
      return { state: { weight, bias, average, velocity: velocities[0]! }, step };
    };
    const [eager, traced] = [train(), train()];
    const compiled = await compile(traced.step, {
      inputs: { x: { shape: [3] }, rate: { shape: [] } },
    });
    expect(await count('ResourceApplyMomentum', compiled)).toBe(2);
    expect(await count('Switch', compiled)).toBe(1);
    for (const [i, last] of [1, Number.POSITIVE_INFINITY, 2, Number.NaN, 0.5].entries()) {
      const [x, rate] = [[0.5, -1, last], 0.1 / (1 + i)];
      const before = await compiled.read(traced.state);
      eager.step({ x: tf.tensor1d(x), rate: tf.scalar(rate) });
      await compiled.run({ x, rate });
      const after = await compiled.read(traced.state);
      expect(after.weight!.values).toEqual(
        Number.isFinite(last) ? expect.anything() : before.weight!.values,
      );
      for (const [name, variable] of Object.entries(eager.state)) {
        expect(relativeError(after[name]!.values, variable.dataSync()), name).toBeLessThan(1e-6);
      }
    }
    await compiled.dispose();
  });
});

describe('what is not exactly the declared update is left as it is', () => {
  interface Values {
    readonly w: tf.Variable;
    readonly v: tf.Variable;
    readonly next: ReturnType<typeof nesterovUpdate>;
    readonly g: tf.Tensor;
  }
  const select = (condition: tf.Tensor, t: tf.Tensor, e: tf.Tensor) =>
    tf.engine().runKernel(tf.Select, { condition, t, e }) as tf.Tensor;
  const cases: Record<string, (values: Values) => [tf.Tensor, tf.Tensor]> = {
    'a new weight that is changed again': ({ next }) => [tf.mul(next.weight, 0.9), next.velocity],
    'a velocity that is kept': ({ v, next }) => [next.weight, tf.clone(v)],
    'the two in each other’s place': ({ next }) => [next.velocity, next.weight],
    'a choice of another value than the old one': ({ next, g }) => [
      select(tf.greater(tf.sum(g), 1), next.weight, g),
      next.velocity,
    ],
    'a choice for one of the two only': ({ w, next, g }) => [
      select(tf.greater(tf.sum(g), 1), next.weight, w),
      next.velocity,
    ],
    'a choice for each element': ({ w, v, next, g }) => [
      tf.where(tf.greater(g, 0), next.weight, w),
      tf.where(tf.greater(g, 0), next.velocity, v),
    ],
    'an update of another weight': ({ w, v, g }) => {
      const next = nesterovUpdate(tf.mul(w, 0.9), v, g, 0.1);
      return [next.weight, next.velocity];
    },
  };

  test.each(Object.entries(cases))('%s', async (_, assigned) => {
    const w = tf.variable(tf.tensor1d(start)) as tf.Variable;
    const v = tf.variable(tf.tensor1d([0.1, 0.2, 0.3]), false) as tf.Variable;
    const step = ({ g }: { g: tf.Tensor1D }) => {
      const next = nesterovUpdate(w, v, g, 0.1);
      const [weight, velocity] = assigned({ w, v, next, g });
      w.assign(weight);
      v.assign(velocity);
    };
    const compiled = await compile(step, { inputs: { g: { shape: [3] } } });
    expect(await count('ResourceApplyMomentum', compiled)).toBe(0);
    expect(await count('AssignVariableOp', compiled)).toBeGreaterThan(0);
    const gradients = [
      [1, -1, 0.5],
      [0.5, 1, -1],
    ];
    for (const g of gradients) await compiled.run({ g });
    const after = await compiled.read({ w, v });
    for (const g of gradients) tf.tidy(() => step({ g: tf.tensor1d(g) }));
    expect(relativeError(after.w!.values, w.dataSync())).toBeLessThan(1e-6);
    expect(relativeError(after.v!.values, v.dataSync())).toBeLessThan(1e-6);
    await compiled.dispose();
  });

  test('the kernel is gone when the trace is over, also after an error', async () => {
    const fail = () => {
      expect(tf.getKernel('NesterovMomentum', 'tensorflow')).toBeDefined();
      throw new Error('of fn');
    };
    await expect(compile(fail, { inputs: {} })).rejects.toThrow('of fn');
    expect(tf.getKernel('NesterovMomentum', 'tensorflow')).toBeUndefined();
  });
});
