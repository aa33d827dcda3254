import { writeSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { library } from '../../test/support/library.ts';
import { stderrOf } from '../../test/support/stderr.ts';
import type { TensorFlowLibrary } from '../native/open.ts';
import { TensorFlowError } from '../native/status.ts';
import { bindingConstants as constants } from './binding.ts';
import { EagerBinding } from './eager-binding.ts';

const floatType = { name: 'T', type: constants.TF_ATTR_TYPE, value: constants.TF_FLOAT };

let tensorflow: TensorFlowLibrary;
/** How often each C function did something (a maker that fails returns null), to see that all that is made is freed. */
const calls: Record<string, number> = {};
let binding: EagerBinding;

beforeAll(async () => {
  const { api, ...rest } = await library();
  const counted = Object.entries(api).map(([name, call]) => [
    name,
    (...args: never[]) => {
      const result = (call as (...args: never[]) => unknown)(...args);
      if (result !== null) calls[name] = (calls[name] ?? 0) + 1;
      return result;
    },
  ]);
  tensorflow = { ...rest, api: Object.fromEntries(counted) };
  binding = new EagerBinding(tensorflow);
});

const create = (values: number[], shape = [values.length]) =>
  binding.createTensor(shape, constants.TF_FLOAT, Float32Array.from(values));
const execute = (...args: Parameters<EagerBinding['executeOp']>) => binding.executeOp(...args);

test('an op returns id, shape and type, and its values can be read', () => {
  const [a, b] = [create([1, 2, 3]), create([4], [1])];
  const [output] = execute('AddV2', [floatType], [a, b], 1);
  expect(output).toMatchObject({ shape: [3], dtype: constants.TF_FLOAT });
  expect(binding.tensorDataSync(output!.id)).toEqual(Float32Array.of(5, 6, 7));
});

test('a probe keeps to itself that oneDNN lacks a type, and passes on what else is logged', () => {
  const fallback =
    'E0000 00:00:1795900729.597077   10190 util.cc:131] oneDNN supports DT_HALF only on platforms with AVX-512. Falling back.\n';
  const other = 'E0000 00:00:1795900729.597077   10190 cuda.cc:1] no device\n';
  const logged = stderrOf(() => binding.probe(() => writeSync(2, fallback + other)));
  expect(logged).toBe(other);
});

test('attributes of every kind reach TensorFlow', () => {
  const { TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_STRING, TF_ATTR_SHAPE, TF_ATTR_TYPE } =
    constants;
  const image = create([1, 2, 3, 4], [1, 2, 2, 1]);
  const pool = (padding: string) => [
    floatType,
    { name: 'ksize', type: TF_ATTR_INT, value: [1, 2, 2, 1] },
    { name: 'strides', type: TF_ATTR_INT, value: [1, 1, 1, 1] },
    { name: 'padding', type: TF_ATTR_STRING, value: padding },
  ];
  expect(execute('MaxPool', pool('VALID'), [image], 1)[0]!.shape).toEqual([1, 1, 1, 1]);
  expect(execute('MaxPool', pool('SAME'), [image], 1)[0]!.shape).toEqual([1, 2, 2, 1]);

  const alpha = { name: 'alpha', type: TF_ATTR_FLOAT, value: 0.5 };
  const [leaky] = execute('LeakyRelu', [floatType, alpha], [create([-2])], 1);
  expect(binding.tensorDataSync(leaky!.id)).toEqual(Float32Array.of(-1));

  const transpose = { name: 'transpose_b', type: TF_ATTR_BOOL, value: true };
  const row = create([1, 2], [1, 2]);
  expect(execute('MatMul', [floatType, transpose], [row, row], 1)[0]!.shape).toEqual([1, 1]);

  const variable = [
    { name: 'dtype', type: TF_ATTR_TYPE, value: constants.TF_FLOAT },
    { name: 'shape', type: TF_ATTR_SHAPE, value: [2, 3] },
  ];
  expect(execute('VarHandleOp', variable, [], 1)[0]!.dtype).toBe(constants.TF_RESOURCE);

  const boundaries = { name: 'boundaries', type: TF_ATTR_FLOAT, value: [0, 10] };
  const [buckets] = execute('Bucketize', [floatType, boundaries], [create([-5, 5, 50])], 1);
  expect(binding.tensorDataSync(buckets!.id)).toEqual(Int32Array.of(0, 1, 2));
});

test('strings of any length survive ops that share and that copy them', () => {
  const bytes = ['', 'short', 'x'.repeat(1000), 'é'].map((text) => new TextEncoder().encode(text));
  const id = binding.createTensor([4], constants.TF_STRING, bytes);
  const stringType = { ...floatType, value: constants.TF_STRING };
  const [shared] = execute('Identity', [stringType], [id], 1);
  binding.deleteTensor(id);
  expect(binding.tensorDataSync(shared!.id)).toEqual(bytes);
});

describe('a mistake is an error in JavaScript, and frees what was made for it', () => {
  const one = [floatType];
  test.each([
    ['an unknown op', () => execute('NoSuchOp', one, [], 1), /NoSuchOp.*\(NOT_FOUND\)/],
    ['no name', () => execute(undefined as never, one, [], 1), /expected the name of an op/],
    ['too few inputs', () => execute('AddV2', one, [create([1])], 1), /AddV2.*INVALID_ARGUMENT/],
    [
      'shapes that do not fit',
      () => execute('AddV2', one, [create([1, 2]), create([1, 2, 3])], 1),
      /AddV2.*Incompatible shapes: \[2\] vs. \[3\].*INVALID_ARGUMENT/,
    ],
    ['too few outputs', () => execute('Relu', one, [create([1])], 0), /Relu/],
    [
      'too many outputs',
      () => execute('Relu', one, [create([1])], 3),
      /Relu: expected 3 outputs, got 1/,
    ],
    ['an unknown id', () => execute('Relu', one, [123456], 1), /Relu: expected the id of a live/],
    [
      'an unknown attribute',
      () => execute('Relu', [{ ...floatType, name: 'U' }], [create([1])], 1),
      /Relu: Attribute .U. does not exist/,
    ],
    [
      'an attribute of another kind',
      () => execute('Relu', [{ name: 'T', type: 1, value: 1 }], [create([1])], 1),
      /Relu: expected attribute T to be a type, got 1 as an integer/,
    ],
    [
      'one number for a list',
      () => execute('MaxPool', [{ name: 'ksize', type: 1, value: 2 }], [create([1])], 1),
      /expected attribute ksize to be a list, each an integer, got 2/,
    ],
    [
      'a string for a number',
      () => execute('LeakyRelu', [{ name: 'alpha', type: 2, value: 'x' }], [create([1])], 1),
      /alpha|number/i,
    ],
    ['a type no kernel has', () => execute('Relu', [{ ...floatType, value: 7 }], [], 1), /Relu/],
    [
      'too few values',
      () => binding.createTensor([3], 1, new Float32Array(2)),
      /expected 3 values/,
    ],
    [
      'reading a resource',
      () => {
        const attributes = [
          { name: 'dtype', type: 4, value: 1 },
          { name: 'shape', type: 5, value: [] },
        ];
        binding.tensorDataSync(execute('VarHandleOp', attributes, [], 1)[0]!.id);
      },
      /TF_DataType 20/,
    ],
  ])('%s', (_, mistake, message) => {
    expect(mistake).toThrow(message);
    expect(calls.TFE_NewOp).toBe(calls.TFE_DeleteOp);
  });

  test('using or deleting a deleted tensor', () => {
    const id = create([1]);
    binding.deleteTensor(id);
    expect(() => binding.tensorDataSync(id)).toThrow(/expected the id of a live tensor/);
    expect(() => binding.deleteTensor(id)).toThrow(/It was disposed/);
  });

  test("TensorFlow's own errors tell their code and the op", () => {
    const error = (() => {
      try {
        execute('NoSuchOp', [], [], 1);
      } catch (cause) {
        return cause;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(TensorFlowError);
    expect(error).toMatchObject({ code: 'NOT_FOUND', operation: 'NoSuchOp' });
  });

  test('saved models', () => {
    expect(() => binding.loadSavedModel()).toThrow('not supported');
  });
});

test('everything is freed: tensors, handles and ops', () => {
  const own = new EagerBinding(tensorflow);
  const ids = [1, 2, 3].map(() => own.createTensor([1], constants.TF_FLOAT, [1]));
  own.executeOp('Relu', [floatType], [ids[0]!], 1);
  own.tensorDataSync(ids[1]!);
  own.deleteTensor(ids[0]!);
  expect(own.getNumOfTensors()).toBe(3);
  const { TFE_DeleteTensorHandle: before = 0 } = calls;
  own.dispose();
  expect(own.getNumOfTensors()).toBe(0);
  expect(calls.TFE_DeleteTensorHandle).toBe(before + 3);
  expect(calls.TFE_NewOp).toBe(calls.TFE_DeleteOp);
  const made = (calls.TF_AllocateTensor ?? 0) + (calls.TFE_TensorHandleResolve ?? 0);
  expect(calls.TF_DeleteTensor).toBe(made);
});

test('after dispose every use is an error, and deleting is nothing', () => {
  const own = new EagerBinding(tensorflow);
  const id = own.createTensor([1], constants.TF_FLOAT, [1]);
  own.dispose();
  own.dispose();
  const message = /expected a live TensorFlow context/;
  expect(() => own.createTensor([1], constants.TF_FLOAT, [1])).toThrow(message);
  expect(() => own.executeOp('Relu', [floatType], [id], 1)).toThrow(message);
  expect(() => own.tensorDataSync(id)).toThrow(message);
  expect(() => own.deleteTensor(id)).not.toThrow();
});

test('the devices are listed, and the number of threads is taken', () => {
  const own = new EagerBinding(tensorflow, { intraOpThreads: 1, interOpThreads: 1 });
  expect(own.devices[0]).toMatchObject({ type: 'CPU', name: expect.stringMatching(/CPU:0$/) });
  expect(own.isUsingGpuDevice()).toBe(own.devices.some(({ type }) => type === 'GPU'));
  own.dispose();
});
