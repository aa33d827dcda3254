import { fieldsOf } from '@bag-of-tricks/libtensorflow/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { compile } from '../index.ts';
import { summarise } from './profile.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

test('a profile sums the time of each type of op, and is a run like any other', async () => {
  const runs = tf.variable(tf.scalar(0));
  const compiled = await compile(
    ({ x }) => {
      runs.assign(tf.add(runs, 1) as tf.Scalar);
      let y = tf.matMul(x, x);
      y = tf.matMul(y, x);
      return tf.sum(tf.softplus(y)) as tf.Scalar;
    },
    { inputs: { x: { shape: [300, 300] } } },
  );
  const x = new Float32Array(90_000).fill(0.01);
  await compiled.run({ x });
  const { ops, milliseconds } = await compiled.profile({ x });
  const named = new Map(ops.map(({ op, ...times }) => [op, times]));
  const products = ops.filter(({ op }) => op.includes('MatMul'));
  expect(products.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  expect(named.get('Softplus')!.count).toBe(1);
  expect(products[0]!.milliseconds).toBeGreaterThan(0);
  expect(products[0]!.milliseconds).toBeLessThan(2 * milliseconds);
  expect(ops.map((op) => op.milliseconds)).toEqual(
    ops.map((op) => op.milliseconds).sort((a, b) => b - a),
  );
  expect((await compiled.read({ runs })).runs!.values[0]).toBe(2);
  await compiled.dispose();
});

test('a node without a label is named by its name without numbers', () => {
  const text = (value: string) => [...new TextEncoder().encode(value)];
  const length = (n: number) => (n < 128 ? [n] : [(n & 127) | 128, n >> 7]);
  const bytes = (field: number, value: number[]) => [
    (field << 3) | 2,
    ...length(value.length),
    ...value,
  ];
  const node = (name: string, label: string, start: number, end: number) =>
    bytes(2, [
      ...bytes(1, text(name)),
      ...[2 << 3, start, 3 << 3, 1, 4 << 3, end - 1, 5 << 3, end],
      ...bytes(8, text(label)),
    ]);
  const device = [
    ...node('MatMul_7', 'MatMul_7 = MatMul(x, y)', 20, 102),
    ...node('Const_12_3', '', 10, 12),
    ...node('a', 'a = MatMul(x, y)', 70, 52),
    ...node('Sum', 'Sum = Sum(x)', 120, 2),
  ];
  const metadata = Uint8Array.from(bytes(1, bytes(1, device)));
  expect(summarise(metadata)).toEqual({
    placement: { devices: {}, transfers: [] },
    milliseconds: 0.112,
    ops: [
      { op: 'MatMul', count: 2, milliseconds: 0.15 },
      { op: 'Const', count: 1, milliseconds: 0.01 },
      { op: 'Sum', count: 1, milliseconds: 0 },
    ],
  });
  expect(summarise(new Uint8Array())).toMatchObject({ milliseconds: 0, ops: [] });
});

test('the GraphDef holds inputs, outputs and state under their names', async () => {
  const weight = tf.variable(tf.scalar(1), true, 'my weight');
  const compiled = await compile(
    ({ x }) => {
      weight.assign(tf.add(weight, x) as tf.Scalar);
      return { result: tf.square(weight) };
    },
    { inputs: { x: { shape: [] } } },
  );
  const nodes = [...fieldsOf(await compiled.graphDef())]
    .filter(({ number }) => number === 1)
    .map(({ value }) => {
      const fields = [...fieldsOf(value as Uint8Array)];
      const [name, op] = fields.map((field) => new TextDecoder().decode(field.value as Uint8Array));
      return `${op} ${name}`;
    });
  for (const node of [
    'Placeholder inputs/x',
    'VarHandleOp state/my_weight',
    'ReadVariableOp state/my_weight/read',
    'AssignVariableOp state/my_weight/assign',
    'Identity outputs/result',
    'NoOp update',
  ]) {
    expect(nodes).toContain(node);
  }
  await compiled.dispose();
});
