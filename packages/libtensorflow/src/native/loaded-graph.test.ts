import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { library } from '../../test/support/library.ts';
import { bytesOf } from './buffer.ts';
import { DataType } from './data-type.ts';
import { shapeAttribute, typeAttribute } from './graph-attributes.ts';
import { GraphBuilder } from './graph-builder.ts';
import { LoadedGraph } from './loaded-graph.ts';

/** x of [any, 2], its halves `split:0` and `split:1`, and their sum, as a GraphDef. */
async function graphDef(): Promise<Uint8Array> {
  const { api } = await library();
  const builder = new GraphBuilder(api);
  const output = (oper: bigint, index = 0) => ({ oper, index });
  const float = typeAttribute('T', DataType.FLOAT);
  const x = builder.node('Placeholder', {
    name: 'x',
    attributes: [typeAttribute('dtype', DataType.FLOAT), shapeAttribute('shape', [-1, 2])],
  });
  const axis = builder.constant(DataType.INT32, [], [1]);
  const number = { name: 'num_split', type: 1, value: 2 };
  const inputs = [axis, output(x)];
  const split = builder.node('Split', { name: 'split', inputs, attributes: [float, number] });
  const halves = [output(split), output(split, 1)];
  builder.node('AddV2', { name: 'sum', inputs: halves, attributes: [float] });
  const bytes = await bytesOf(api, (buffer) => builder.writeTo(buffer));
  builder.dispose();
  return bytes;
}

test('a GraphDef runs by the names of its tensors, and any of them may be fed', async () => {
  const { api } = await library();
  const loaded = LoadedGraph.fromGraphDef(api, await graphDef());
  const x = { dtype: DataType.FLOAT, shape: [2, 2], values: [1, 2, 3, 4] };
  expect(await loaded.run({ x }, ['split:1', 'sum'])).toEqual([
    { dtype: DataType.FLOAT, shape: [2, 1], values: Float32Array.of(2, 4) },
    { dtype: DataType.FLOAT, shape: [2, 1], values: Float32Array.of(3, 7) },
  ]);
  const half = { dtype: DataType.FLOAT, shape: [1, 1], values: [5] };
  const [sum] = await loaded.run({ split: half, 'split:1': half }, ['sum']);
  expect(sum!.values).toEqual(Float32Array.of(10));
  expect(loaded.shapeOf('x')).toEqual([-1, 2]);
  expect(loaded.shapeOf('split:1')).toEqual([-1, 1]);
  await expect(loaded.run({}, ['nothing'])).rejects.toThrow("a node named 'nothing', found none");
  await expect(loaded.run({}, ['sum'])).rejects.toThrow(/INVALID_ARGUMENT/);
  loaded.dispose();
});

test('bytes that are no graph, and folders without a SavedModel, are errors', async () => {
  const { api } = await library();
  expect(() => LoadedGraph.fromGraphDef(api, Buffer.from('no graph'))).toThrow(/INVALID_ARGUMENT/);
  const folder = mkdtempSync(join(tmpdir(), 'saved-'));
  expect(() => LoadedGraph.fromSavedModel(api, folder)).toThrow(
    /^TF_LoadSessionFromSavedModel: .*\(NOT_FOUND\)/,
  );
  writeFileSync(join(folder, 'saved_model.pb'), 'no model');
  expect(() => LoadedGraph.fromSavedModel(api, folder)).toThrow(/^TF_LoadSessionFromSavedModel: /);
  rmSync(folder, { recursive: true });
});
