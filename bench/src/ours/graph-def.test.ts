import { expect, test } from 'vitest';
import { graphNodes } from './graph-def.ts';

const text = (value: string) => [...new TextEncoder().encode(value)];
const length = (n: number) => (n < 128 ? [n] : [(n & 127) | 128, n >> 7]);
const bytes = (field: number, value: readonly number[]) => [
  (field << 3) | 2,
  ...length(value.length),
  ...value,
];
const attribute = (name: string, value: readonly number[]) =>
  bytes(5, [...bytes(1, text(name)), ...bytes(2, value)]);
const type = (number: number) => [6 << 3, number];

test('a node has its op and the type of its attribute T, and no other one', () => {
  const convolution = [
    ...bytes(1, text('a convolution')),
    ...bytes(2, text('Conv2D')),
    ...bytes(3, text('images')),
    ...attribute('padding', bytes(2, text('SAME'))),
    ...attribute('Tdim', type(3)),
    ...attribute('T', type(14)),
  ];
  const noOp = [...bytes(1, text('update')), ...bytes(2, text('NoOp'))];
  const long = [
    ...bytes(1, text('x'.repeat(300))),
    ...bytes(2, text('Relu')),
    ...attribute('U', [0x25, 0, 0, 128, 63]),
    ...attribute('T', type(1)),
  ];
  const graph = [noOp, convolution, long].flatMap((node) => bytes(1, node));
  const versions = bytes(4, [8, 150, 9]);
  expect(graphNodes(Uint8Array.from([...graph, ...versions]))).toEqual([
    { op: 'NoOp', type: undefined },
    { op: 'Conv2D', type: 14 },
    { op: 'Relu', type: 1 },
  ]);
  expect(graphNodes(new Uint8Array())).toEqual([]);
});
