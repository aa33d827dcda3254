import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { library } from '../../test/support/library.ts';
import type { TensorFlowApi } from './api.ts';
import { DataType, type TensorValues } from './data-type.ts';
import { createTensor, deleteTensor, type InputValues, readTensor } from './tensor.ts';

let api: TensorFlowApi;
beforeAll(async () => {
  api = (await library()).api;
});

function roundTrip(dtype: number, shape: number[], values: InputValues): TensorValues {
  const tensor = createTensor(api, dtype, shape, values);
  try {
    return readTensor(api, tensor);
  } finally {
    deleteTensor(api, tensor);
  }
}

describe('values come back as they went in', () => {
  test.each([
    ['float32', DataType.FLOAT, fc.float32Array()],
    ['int32', DataType.INT32, fc.int32Array()],
    ['uint8', DataType.UINT8, fc.uint8Array()],
    ['bool', DataType.BOOL, fc.uint8Array({ max: 1 })],
    ['int64', DataType.INT64, fc.bigInt64Array()],
    ['half', DataType.HALF, fc.uint16Array()],
    ['bfloat16', DataType.BFLOAT16, fc.uint16Array()],
    ['string', DataType.STRING, fc.array(fc.uint8Array({ maxLength: 80 }))],
  ])('%s', (_, dtype, arbitrary: fc.Arbitrary<TensorValues>) => {
    fc.assert(
      fc.property(arbitrary, (values) => {
        expect(roundTrip(dtype, [values.length], values)).toEqual(values);
      }),
    );
  });

  test('complex64, as pairs', () => {
    const pairs = Float32Array.of(1, 2, 3, 4);
    expect(roundTrip(DataType.COMPLEX64, [2], pairs)).toEqual(pairs);
  });

  test('int64 from the low and high halves that tfjs-node gives', () => {
    expect(roundTrip(DataType.INT64, [], Int32Array.of(-7, -1))).toEqual(BigInt64Array.of(-7n));
  });

  test('plain numbers, for a scalar and for no elements', () => {
    expect(roundTrip(DataType.FLOAT, [], [2.5])).toEqual(Float32Array.of(2.5));
    expect(roundTrip(DataType.INT32, [0, 3], [])).toEqual(new Int32Array());
  });
});

test('the shape is that of the tensor', () => {
  const tensor = createTensor(api, DataType.FLOAT, [2, 3], new Float32Array(6));
  expect([api.TF_NumDims(tensor), api.TF_Dim(tensor, 0), api.TF_Dim(tensor, 1)]).toEqual([2, 2, 3]);
  deleteTensor(api, tensor);
});

test.each([
  [DataType.FLOAT, new Float32Array(5)],
  [DataType.COMPLEX64, new Float32Array(6)],
  [DataType.INT64, new Int32Array(3)],
  [DataType.STRING, [new Uint8Array(1)]],
])('too few or too many values of type %i are an error', (dtype, values) => {
  expect(() => createTensor(api, dtype, [2, 3], values)).toThrow(
    /expected 6 values for shape \[2,3\]/,
  );
});

test('a type without values in JavaScript is an error', () => {
  expect(() => createTensor(api, DataType.RESOURCE, [], [1])).toThrow('got TF_DataType 20');
});
