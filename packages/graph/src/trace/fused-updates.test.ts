import { nesterovSgd } from '@bag-of-tricks/nesterov-sgd';
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

describe('what only looks like it is left alone', () => {
  type Values = Record<'w' | 'v' | 'g' | 'r' | 'm', tf.Tensor>;
  const cases: Record<string, (t: Values) => { w: tf.Tensor; v: tf.Tensor }> = {
    'another momentum in the two lines': ({ w, v, g, r, m }) => {
      const next = tf.add(tf.mul(v, tf.square(m)), g);
      return { v: next, w: tf.sub(w, tf.mul(tf.add(g, tf.mul(next, m)), r)) };
    },
    'the old velocity in the second line': ({ w, v, g, r, m }) => ({
      v: tf.add(tf.mul(v, m), g),
      w: tf.sub(w, tf.mul(tf.add(g, tf.mul(v, m)), r)),
    }),
    'another gradient in the two lines': ({ w, v, g, r, m }) => {
      const next = tf.add(tf.mul(v, m), tf.mul(g, 2));
      return { v: next, w: tf.sub(w, tf.mul(tf.add(g, tf.mul(next, m)), r)) };
    },
    'a learning rate for each weight': ({ w, v, g, m }) => {
      const next = tf.add(tf.mul(v, m), g);
      return { v: next, w: tf.sub(w, tf.mul(tf.add(g, tf.mul(next, m)), tf.abs(g))) };
    },
    'another weight as the start': ({ w, v, g, r, m }) => {
      const next = tf.add(tf.mul(v, m), g);
      return { v: next, w: tf.sub(tf.mul(w, 0.9), tf.mul(tf.add(g, tf.mul(next, m)), r)) };
    },
    'a gradient that is stretched': ({ w, v, r, m }) => {
      const g = tf.scalar(0.3);
      const next = tf.add(tf.mul(v, m), g);
      return { v: next, w: tf.sub(w, tf.mul(tf.add(g, tf.mul(next, m)), r)) };
    },
  };

  test.each(Object.entries(cases))('%s', async (_, update) => {
    const w = tf.variable(tf.tensor1d(start));
    const v = tf.variable(tf.tensor1d([0.1, 0.2, 0.3]), false);
    const step = ({ g, r, m }: { g: tf.Tensor1D; r: tf.Scalar; m: tf.Scalar }) => {
      const next = update({ w, v, g, r, m });
      v.assign(next.v as tf.Tensor1D);
      w.assign(next.w as tf.Tensor1D);
    };
    const compiled = await compile(step, {
      inputs: { g: { shape: [3] }, r: { shape: [] }, m: { shape: [] } },
    });
    expect(await count('ResourceApplyMomentum', compiled)).toBe(0);
    expect(await count('AssignVariableOp', compiled)).toBeGreaterThan(0);
    await compiled.run({ g: [1, -1, 0.5], r: 0.1, m: 0.9 });
    await compiled.run({ g: [0.5, 1, -1], r: 0.2, m: 0.9 });
    const after = await compiled.read({ w, v });
    step({ g: tf.tensor1d([1, -1, 0.5]), r: tf.scalar(0.1), m: tf.scalar(0.9) });
    step({ g: tf.tensor1d([0.5, 1, -1]), r: tf.scalar(0.2), m: tf.scalar(0.9) });
    expect(relativeError(after.w!.values, w.dataSync())).toBeLessThan(1e-6);
    expect(relativeError(after.v!.values, v.dataSync())).toBeLessThan(1e-6);
    await compiled.dispose();
  });
});
