// The rules of the placer on graphs of a few nodes, with the kernels that the CUDA build has for them.
import { expect, test } from 'vitest';
import { describeStep } from './describe.ts';
import type { GraphNode } from './graph-def.ts';
import { type Kernel, kernelOn, outputTypes, type Registered, signatureOf } from './kernels.ts';
import { type KernelTable, place } from './place.ts';

const [FLOAT, INT32, BOOL] = [1, 3, 10];

function node(
  name: string,
  op: string,
  types: Readonly<Record<string, number>>,
  inputs: readonly string[] = [],
  device = '',
): GraphNode {
  return {
    ...{ name, op, device, after: [], numbers: {} },
    types: Object.fromEntries(Object.entries(types).map(([key, type]) => [key, [type]])),
    inputs: inputs.map((input) => {
      const [from = '', index = '0'] = input.split(':');
      return { node: from, index: Number(index) };
    }),
  };
}

const inputsOf = (...pairs: readonly (readonly [string, string | number])[]) =>
  pairs.map(([name, type]) =>
    typeof type === 'number' ? { name, type } : { name, typeAttribute: type },
  );

const ops: KernelTable['ops'] = {
  Placeholder: { inputs: [], outputs: inputsOf(['output', 'dtype']) },
  Const: { inputs: [], outputs: inputsOf(['output', 'dtype']) },
  VarHandleOp: { inputs: [], outputs: inputsOf(['resource', 20]) },
  ReadVariableOp: { inputs: inputsOf(['resource', 20]), outputs: inputsOf(['value', 'dtype']) },
  ArgMax: {
    inputs: inputsOf(['input', 'T'], ['dimension', 'Tidx']),
    outputs: inputsOf(['output', 'output_type']),
  },
  Equal: { inputs: inputsOf(['x', 'T'], ['y', 'T']), outputs: inputsOf(['z', BOOL]) },
  Cast: { inputs: inputsOf(['x', 'SrcT']), outputs: inputsOf(['y', 'DstT']) },
  Identity: { inputs: inputsOf(['input', 'T']), outputs: inputsOf(['output', 'T']) },
};

const hostOf: Readonly<Record<string, readonly string[]>> = {
  'Equal T=int32': ['x', 'y', 'z'],
  'Const dtype=int32': ['output'],
  'ArgMax T=float32 Tidx=int32 output_type=int32': ['dimension'],
};

/** Every op of the graph has a kernel, but what is named. */
function tableOf(nodes: readonly GraphNode[], without: readonly string[] = []): KernelTable {
  const kernels: Record<string, Kernel> = {};
  for (const one of nodes) {
    const signature = signatureOf(one);
    kernels[signature] = { gpu: !without.includes(signature), host: hostOf[signature] ?? [] };
  }
  return { ops, kernels };
}

const shapes = {
  shapeOf: () => [8],
  typeOf: (one: GraphNode, index: number) => outputTypes(one, ops[one.op]!)[index]!,
};

function describe(nodes: readonly GraphNode[], fetched: readonly string[], without: string[] = []) {
  const fed = new Set(nodes.filter(({ op }) => op === 'Placeholder').map(({ name }) => name));
  const step = { name: 'mine', graphDef: new Uint8Array(), nodes, fed, fetched };
  return describeStep(step, tableOf(nodes, without), shapes);
}

const classes = [
  node('x', 'Placeholder', { dtype: FLOAT }),
  node('axis', 'Const', { dtype: INT32 }),
  node('class', 'ArgMax', { T: FLOAT, Tidx: INT32, output_type: INT32 }, ['x', 'axis']),
];

test('whole numbers that the device has and the host compares are copied there and back within the step', () => {
  const { copies } = describe(
    [
      ...classes,
      node('hits', 'Equal', { T: INT32 }, ['class', 'class']),
      node('counted', 'Cast', { SrcT: BOOL, DstT: FLOAT }, ['hits']),
      node('outputs/y', 'Identity', { T: FLOAT }, ['counted']),
    ],
    ['outputs/y'],
  );
  expect(copies).toEqual([
    { kind: 'in', of: 'x', readBy: ['ArgMax'], count: 1, bytes: 32 },
    { kind: 'within', of: signatureOf(classes[2]!), readBy: ['Equal'], count: 1, bytes: 32 },
    { kind: 'within', of: 'Equal T=int32', readBy: ['Cast'], count: 1, bytes: 8 },
    { kind: 'out', of: 'Identity T=float32', readBy: ['the caller'], count: 1, bytes: 32 },
  ]);
});

test('in float32 they stay on the device', () => {
  const { copies, onHost } = describe(
    [
      ...classes,
      node('real', 'Cast', { SrcT: INT32, DstT: FLOAT }, ['class']),
      node('hits', 'Equal', { T: FLOAT }, ['real', 'real']),
      node('counted', 'Cast', { SrcT: BOOL, DstT: FLOAT }, ['hits']),
      node('outputs/y', 'Identity', { T: FLOAT }, ['counted']),
    ],
    ['outputs/y'],
  );
  expect(copies.map(({ kind }) => kind)).toEqual(['in', 'out']);
  // The axis.
  expect(onHost).toBe(1);
});

test('a variable that cannot be on the GPU takes its readers with it, and what is sent to the CPU goes there', () => {
  const nodes = [
    node('step', 'VarHandleOp', { dtype: INT32 }),
    node('read', 'ReadVariableOp', { dtype: INT32 }, ['step']),
    node('here', 'Cast', { SrcT: INT32, DstT: FLOAT }, ['read'], '/device:CPU:0'),
    node('there', 'Cast', { SrcT: INT32, DstT: FLOAT }, ['read']),
    node('weight', 'VarHandleOp', { dtype: FLOAT }),
    node('value', 'ReadVariableOp', { dtype: FLOAT }, ['weight']),
  ];
  const placed = place(nodes, tableOf(nodes, ['VarHandleOp dtype=int32']), new Set());
  const devices = Object.fromEntries([...placed].map(([name, { device }]) => [name, device]));
  expect(devices).toEqual({
    ...{ step: 'CPU', read: 'CPU', here: 'CPU', there: 'GPU' },
    ...{ weight: 'GPU', value: 'GPU' },
  });
});

test('a constant goes to its readers where they are together, else to the GPU', () => {
  const readers = (second: string) => [
    node('number', 'Const', { dtype: FLOAT }),
    node('a', 'Identity', { T: FLOAT }, ['number'], '/device:CPU:0'),
    node('b', 'Identity', { T: FLOAT }, ['number'], second),
  ];
  const deviceOf = (nodes: GraphNode[]) => place(nodes, tableOf(nodes), new Set()).get('number')!;
  expect(deviceOf(readers('/device:CPU:0')).device).toBe('CPU');
  expect(deviceOf(readers('')).device).toBe('GPU');
});

test("the GPU's own kernel comes before the one of any device, and one for other types or by a label is none", () => {
  const registered = (
    device: string,
    type: number,
    host: string[] = [],
    label = '',
  ): Registered => ({
    ...{ op: 'Equal', device, host, label },
    allowed: { T: [type] },
  });
  const all = [
    registered('CPU', FLOAT),
    registered('DEFAULT', INT32, ['x', 'y']),
    registered('DEFAULT', FLOAT, ['x']),
    registered('GPU', FLOAT, ['z']),
    registered('GPU', BOOL, [], 'other'),
  ];
  const kernel = (type: number) => kernelOn(all, node('a', 'Equal', { T: type }));
  expect(kernel(FLOAT)).toEqual({ gpu: true, host: ['z'] });
  expect(kernel(INT32)).toEqual({ gpu: true, host: ['x', 'y'] });
  expect(kernel(BOOL)).toEqual({ gpu: false, host: [] });
});
