import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel } from '@bag-of-tricks/resnet-variants';
import { fromBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describe as description } from '../../test/onnx/networks.ts';
import { exportModel } from '../export-model.ts';
import { ModelProtoSchema } from '../proto/onnx.generated.ts';

const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
let network: ReturnType<typeof createModel>;

beforeAll(async () => {
  await registerTensorFlowBackend();
  network = createModel('resnet20d', { numClasses: 5, layers: [1, 1] });
});
afterAll(() => network.dispose());

const model = (license: string | null) => ({
  ...{ network, description: description(network, 16), license, provenance: { source: 'runs/1' } },
});
const write = (name: string, license: string | null = 'mit') =>
  exportModel(model(license), { output: join(folder, name), format: 'onnx' });

test('classifier.json lies beside model.onnx, which says the same of itself', async () => {
  const { output, files, format, deviation } = await write('both');
  expect(deviation!.probability).toBeLessThan(1e-5);
  expect(deviation!.sameTop1).toBe(1);
  expect(format).toBe('onnx');
  expect(readdirSync(output).sort()).toEqual(Object.keys(files).sort());
  expect(Object.keys(files).sort()).toEqual(['classifier.json', 'model.onnx']);
  const json = JSON.parse(readFileSync(join(output, 'classifier.json'), 'utf8'));
  expect(json).toEqual({
    ...{ format: 'bag-of-tricks-classifier', version: 1, model: 'model.onnx', license: 'mit' },
    description: description(network, 16),
    provenance: expect.objectContaining({ source: 'runs/1' }),
    sha256: { 'model.onnx': expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  const { metadataProps } = fromBinary(ModelProtoSchema, readFileSync(join(output, 'model.onnx')));
  const { model: _, sha256: __, format: kind, license, ...parts } = json;
  expect(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]))).toEqual({
    ...{ format: kind, license },
    ...Object.fromEntries(
      Object.entries(parts).map(([key, value]) => [key, JSON.stringify(value)]),
    ),
  });
});

test('a licence that nobody knows is left out of the model', async () => {
  const { output } = await write('unlicensed', null);
  const { metadataProps } = fromBinary(ModelProtoSchema, readFileSync(join(output, 'model.onnx')));
  expect(metadataProps.map(({ key }) => key)).toEqual([
    ...['format', 'version', 'description', 'provenance'],
  ]);
});

test('a folder that is there stays as it is', async () => {
  const { output } = await write('first');
  const before = readFileSync(join(output, 'model.onnx'));
  await expect(write('first', 'other')).rejects.toThrow('not to be there yet');
  expect(readFileSync(join(output, 'model.onnx'))).toEqual(before);
});

test('what onnxruntime computes differently from the network is refused before it has its name', async () => {
  const dict = await network.toStateDict();
  const bias = { shape: [5], data: Float32Array.of(1, 0, 0, 0, 0) };
  const other = { ...network, toStateDict: async () => ({ ...dict, 'fc.bias': bias }) };
  const output = join(folder, 'other');
  await expect(
    exportModel({ ...model(null), network: other }, { output, format: 'onnx' }),
  ).rejects.toThrow("the written onnx to have the network's probabilities to 0.0001");
  expect(existsSync(output)).toBe(false);
});

test('a description of other channels than the network takes is refused', async () => {
  const { description: about, ...rest } = model(null);
  const grey = { ...about, channels: 1 as const, mean: [120], std: [60] };
  const output = join(folder, 'grey');
  await expect(
    exportModel({ ...rest, description: grey }, { output, format: 'onnx' }),
  ).rejects.toThrow('expected float32 images of shape [batch, height, width, 3]');
  expect(existsSync(output)).toBe(false);
});

test('weights that are not finite leave nothing behind', async () => {
  const bias = network.parameters['fc.bias']!;
  const before = tf.clone(bias);
  bias.assign(tf.fill(bias.shape, Number.NaN));
  await expect(write('spoiled')).rejects.toThrow(
    'expected finite weights of resnet20d, got NaN in fc.bias',
  );
  expect(existsSync(join(folder, 'spoiled'))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  bias.assign(before);
  before.dispose();
});
