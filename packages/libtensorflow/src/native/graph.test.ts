import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { library } from '../../test/support/library.ts';
import { DataType } from './data-type.ts';
import type { Pointer } from './prototype.ts';
import { Status } from './status.ts';
import { createTensor, deleteTensor, readTensor } from './tensor.ts';

test('a graph is built, knows its shapes, and runs, beside the event loop too', async () => {
  const { api } = await library();
  const status = new Status(api);
  const graph = api.TF_NewGraph();
  const finish = (description: Pointer) => {
    const oper = api.TF_FinishOperation(description, status.pointer);
    status.check('TF_FinishOperation');
    return { oper, index: 0 };
  };
  const placeholder = api.TF_NewOperation(graph, 'Placeholder', 'x');
  api.TF_SetAttrType(placeholder, 'dtype', DataType.FLOAT);
  api.TF_SetAttrShape(placeholder, 'shape', BigInt64Array.of(2n, -1n), 2);
  const x = finish(placeholder);
  const sum = api.TF_NewOperation(graph, 'AddN', 'sum');
  api.TF_AddInputList(sum, [x, x, x], 3);
  const y = finish(sum);

  const dims = new BigInt64Array(api.TF_GraphGetTensorNumDims(graph, y, status.pointer));
  api.TF_GraphGetTensorShape(graph, y, dims, dims.length, status.pointer);
  status.check('TF_GraphGetTensorShape');
  expect(dims).toEqual(BigInt64Array.of(2n, -1n));
  expect(api.TF_OperationOutputType(y)).toBe(DataType.FLOAT);

  const options = api.TF_NewSessionOptions();
  const session = api.TF_NewSession(graph, options, status.pointer);
  status.check('TF_NewSession');
  const input = createTensor(api, DataType.FLOAT, [2, 1], [1, 2]);
  const outputs: (Pointer | null)[] = [null];
  const run = [
    session,
    null,
    [x],
    [input],
    1,
    [y],
    outputs,
    1,
    [],
    0,
    null,
    status.pointer,
  ] as const;
  const values = () => {
    status.check('TF_SessionRun');
    const read = readTensor(api, outputs[0]!);
    api.TF_DeleteTensor(outputs[0]!);
    return read;
  };
  api.TF_SessionRun(...run);
  expect(values()).toEqual(Float32Array.of(3, 6));
  await promisify(api.TF_SessionRun.async)(...run);
  expect(values()).toEqual(Float32Array.of(3, 6));

  deleteTensor(api, input);
  api.TF_CloseSession(session, status.pointer);
  api.TF_DeleteSession(session, status.pointer);
  api.TF_DeleteSessionOptions(options);
  api.TF_DeleteGraph(graph);
  status.dispose();
});
