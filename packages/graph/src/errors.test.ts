import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { compile } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

type Inputs = { x: tf.Tensor };
type Case = [name: string, fn: (inputs: Inputs, outer: tf.Tensor) => unknown, message: RegExp];

const cases: Case[] = [
  [
    'dataSync',
    ({ x }) => tf.scalar(x.dataSync()[0]!),
    /reads input 'x', of shape \[4\].*return the tensor/,
  ],
  [
    'arraySync of a result',
    ({ x }) => tf.tensor(tf.square(x).arraySync()),
    /reads the output of Square/,
  ],
  ['bufferSync', ({ x }) => tf.mul(x, 2).bufferSync().toTensor(), /reads the output of Mul/],
  [
    'print',
    ({ x }) => {
      x.print();
      return x;
    },
    /reads input 'x'/,
  ],
  [
    'data, though its promise comes too late',
    ({ x }) => {
      void x.data();
      return x;
    },
    /reads input 'x'/,
  ],
  [
    'array, whose error is caught',
    ({ x }) => {
      x.array().catch(() => {});
      return x;
    },
    /reads input 'x'/,
  ],
  [
    'a branch on a value',
    ({ x }) => (tf.sum(x).dataSync()[0]! > 0 ? x : tf.neg(x)),
    /tf\.where in place of if/,
  ],
  [
    'a comparison in JavaScript',
    ({ x }) => ((tf.sum(x) as unknown as number) > 0 ? x : tf.neg(x)),
    /reads the output of Sum/,
  ],
  [
    'an error that fn swallows',
    ({ x }) => {
      try {
        x.dataSync();
      } catch {}
      return x;
    },
    /reads input 'x'/,
  ],
  [
    'reading a variable',
    ({ x }) => tf.mul(x, tf.variable(tf.scalar(2), true, 'v').dataSync()[0]!),
    /reads variable 'v'/,
  ],
  ['an async function', async ({ x }) => x, /expected fn to be synchronous, got a promise/],
  [
    'an async function that fails',
    async ({ x }) => {
      x.dataSync();
    },
    /expected fn to be synchronous/,
  ],
  [
    'tf.randomUniform',
    ({ x }) => tf.add(x, tf.randomUniform([4])),
    /got a call of tf\.randomUniform\. .*as an input/,
  ],
  [
    'tf.randomNormal with a seed',
    ({ x }) => tf.add(x, tf.randomNormal([4], 0, 1, 'float32', 7)),
    /tf\.randomNormal/,
  ],
  [
    'tf.truncatedNormal with a seed',
    ({ x }) => tf.add(x, tf.truncatedNormal([4], 0, 1, 'float32', 7)),
    /tf\.truncatedNormal/,
  ],
  ['tf.dropout', ({ x }) => tf.dropout(x, 0.5), /tf\.dropout/],
  ['tf.dropout with a seed', ({ x }) => tf.dropout(x, 0.5, undefined, 3), /tf\.dropout/],
  [
    'tf.randomGamma',
    ({ x }) => tf.add(x, tf.randomGamma([4], 2, 2, 'float32', 1)),
    /tf\.randomGamma/,
  ],
  [
    'tf.rand',
    ({ x }) =>
      tf.add(
        x,
        tf.rand([4], () => 0.5),
      ),
    /tf\.rand/,
  ],
  ['Math.random', ({ x }) => tf.mul(x, Math.random()), /got a call of Math\.random/],
  [
    'a captured tensor that is large',
    (_, outer) => tf.sum(outer),
    /a tensor that fn captures of shape \[600,600\], 1440000 bytes.*as an input .*tf\.Variable/,
  ],
  [
    'a large tensor made in fn',
    ({ x }) => tf.mul(tf.sum(x), tf.tensor1d(Float32Array.from({ length: 400_000 }, (_, i) => i))),
    /a tensor made of JavaScript values of shape \[400000\]/,
  ],
  [
    'a shape that depends on values',
    ({ x }) => tf.unique(x as tf.Tensor1D).values,
    /the shape of Unique.* output depends on values/,
  ],
  [
    'tf.keep of a result',
    ({ x }) => {
      tf.keep(tf.square(x));
      return x;
    },
    /to outlive fn, got tf\.keep/,
  ],
  ['an array of tensors', ({ x }) => [x], /a tensor or an object of tensors, got an array/],
  ['a number', () => 3, /a tensor or an object of tensors, got 3/],
  [
    'an output that is no tensor',
    ({ x }) => ({ x, accuracy: 0.5 }),
    /output 'accuracy' to be a tensor, got number/,
  ],
  ['a complex output', ({ x }) => tf.complex(x, x), /float32, int32 or bool, got complex64/],
  [
    'a disposed output',
    ({ x }) => {
      const y = tf.square(x);
      y.dispose();
      return y;
    },
    /expected fn to be alive, got a disposed tensor/,
  ],
  [
    'shapes that do not fit',
    ({ x }) => tf.matMul(x as tf.Tensor2D, tf.ones([2, 2])),
    /BatchMatMulV2: Shape must be at least rank 2/,
  ],
  [
    'an error of fn’s own',
    () => {
      throw new RangeError('my own error');
    },
    /^my own error$/,
  ],
];

describe('what cannot be in a graph is an error with its remedy, and eager tfjs works as before', () => {
  test.each(cases)('%s', async (_, fn, message) => {
    const outer = tf.randomNormal([600, 600]);
    const weight = tf.variable(tf.tensor1d([1, 2, 3, 4]));
    const before = tf.memory();
    const { random } = Math;
    const traced = ({ x }: Inputs) => {
      // Work before the error, with everything that it could leave behind.
      const { grads } = tf.variableGrads(() => tf.sum(tf.mul(weight, x)) as tf.Scalar);
      weight.assign(tf.sub(weight, grads[weight.name]!));
      return fn({ x }, outer) as tf.Tensor;
    };
    await expect(compile(traced, { inputs: { x: { shape: [4] } } })).rejects.toThrow(message);
    const made = Object.values(tf.engine().registeredVariables).filter((v) => v !== weight);
    tf.dispose(made);
    expect(tf.memory()).toEqual(before);
    expect(Math.random).toBe(random);
    expect(Array.from(weight.dataSync())).toEqual([1, 2, 3, 4]);
    expect(tf.gather(weight, [3, 0]).dataSync()).toEqual(Float32Array.of(4, 1));
    expect(() => tf.gather(weight, [4])).toThrow(/index value 4/);
    expect(tf.randomUniform([2], 1, 2).dataSync()[0]).toBeGreaterThanOrEqual(1);
    const compiled = await compile(({ x }) => tf.sum(tf.mul(x, weight)) as tf.Scalar, {
      inputs: { x: { shape: [4] } },
    });
    expect(await compiled.run({ x: [1, 1, 1, 1] })).toBe(10);
    await compiled.dispose();
  });
});

describe('an error inside of gradients', () => {
  test('leaves no tensor behind', async () => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const before = tf.memory();
    const fn = () =>
      tf.variableGrads(() => {
        const y = tf.square(tf.exp(weight));
        y.dataSync();
        return tf.sum(y) as tf.Scalar;
      }).value;
    await expect(compile(fn, { inputs: {} })).rejects.toThrow(/reads the output of Square/);
    expect(tf.memory()).toEqual(before);
    const { value } = tf.variableGrads(() => tf.sum(tf.square(weight)) as tf.Scalar);
    expect(value.dataSync()[0]).toBe(5);
  });

  test('an optimiser that made its slots there goes on eagerly', async () => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const optimizer = tf.train.adam(0.1);
    const loss = () => tf.sum(tf.square(weight)) as tf.Scalar;
    const fn = () => {
      const value = optimizer.minimize(loss, true)!;
      value.dataSync();
      return value;
    };
    await expect(compile(fn, { inputs: {} })).rejects.toThrow(/reads the output of/);
    expect(optimizer.minimize(loss, true)!.dataSync()[0]).toBe(5);
    expect(weight.dataSync()[0]).toBeCloseTo(0.9, 5);
  });
});

test('a tensor of another backend is named, and keeps its values there', async () => {
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  const foreign = tf.tensor1d([1, 2]);
  const weight = tf.variable(tf.tensor1d([3, 4]), true, 'foreign/weight');
  await tf.setBackend('tensorflow');
  const inputs = { x: { shape: [2] } } as const;
  await expect(compile(({ x }) => tf.add(x, foreign), { inputs })).rejects.toThrow(
    /backend 'tensorflow', got a tensor of shape \[2\] on 'cpu'\. Make it after/,
  );
  await expect(compile(({ x }) => tf.add(x, weight), { inputs })).rejects.toThrow(
    /got variable 'foreign\/weight' of shape \[2\] on 'cpu'/,
  );
  expect(Array.from(foreign.dataSync())).toEqual([1, 2]);
  expect(Array.from(weight.dataSync())).toEqual([3, 4]);
  // Eagerly, tfjs moves such tensors over.
  expect(Array.from(tf.add(foreign, weight).dataSync())).toEqual([4, 6]);
});

test('the limit of constants is the caller’s', async () => {
  const outer = tf.range(0, 100);
  const compileWith = (maxConstantBytes: number) =>
    compile(() => tf.sum(outer) as tf.Scalar, { inputs: {}, maxConstantBytes });
  await expect(compileWith(399)).rejects.toThrow(/at most 399 bytes \(maxConstantBytes\)/);
  const compiled = await compileWith(400);
  expect(await compiled.run({})).toBe(4950);
  await compiled.dispose();
});

test('tf.multinomial draws anew at each run: its numbers are TensorFlow’s', async () => {
  const compiled = await compile(({ x }) => tf.multinomial(x as tf.Tensor1D, 100) as tf.Tensor1D, {
    inputs: { x: { shape: [10] } },
  });
  const x = new Float32Array(10);
  const [first, second] = [await compiled.run({ x }), await compiled.run({ x })];
  expect(first.values).not.toEqual(second.values);
  await compiled.dispose();
});

test('a function that does nothing is refused', async () => {
  await expect(compile(() => undefined, { inputs: {} })).rejects.toThrow(
    /to return tensors or to assign variables, got neither/,
  );
});

test('options that exclude each other are refused', async () => {
  const first = await compile(() => tf.scalar(1), { inputs: {} });
  const options = { inputs: {}, shareStateWith: first, session: { intraOpThreads: 1 } };
  await expect(compile(() => tf.scalar(1), options)).rejects.toThrow(/shareStateWith or session/);
  await first.dispose();
});

test('tfjs’s debug mode is off while tracing, and on again afterwards', async () => {
  tf.env().set('DEBUG', true);
  const compiled = await compile(({ x }) => tf.square(tf.add(x, 1)), {
    inputs: { x: { shape: [] } },
  });
  expect(tf.env().getBool('DEBUG')).toBe(true);
  tf.env().set('DEBUG', false);
  expect(await compiled.run({ x: 2 })).toBe(9);
  await compiled.dispose();
});

test('a whole compilation can be profiled by tfjs', async () => {
  const profile = await tf.profile(async () => {
    const compiled = await compile(({ x }) => tf.square(tf.add(x, 1)), {
      inputs: { x: { shape: [] } },
    });
    expect(await compiled.run({ x: 2 })).toBe(9);
    await compiled.dispose();
    return tf.scalar(0);
  });
  expect(profile.kernelNames).toContain('Square');
});

test('variables by name are refused: it is a list', async () => {
  const variables = { w: tf.variable(tf.scalar(1)) } as never;
  await expect(compile(() => tf.scalar(1), { inputs: {}, variables })).rejects.toThrow(
    /expected variables to be an array of tf.Variable, got object/,
  );
});
