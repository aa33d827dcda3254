import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceDescription } from '@bag-of-tricks/classifier';
import { createImageDecoder, resizeCenterCrop, thumbnail } from '@bag-of-tricks/image-data';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { LoadedGraph } from '@bag-of-tricks/libtensorflow/native';
import { inferLogits } from '@bag-of-tricks/train-step';
import { fromBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelOf, networkOf, networks } from '../../test/support/networks.ts';
import { type ExportedModel, exportModel } from '../export-model.ts';
import { DataType, SavedModelSchema, VariableDefSchema } from '../proto/tensorflow.generated.ts';

const folder = mkdtempSync(join(tmpdir(), 'saved-model-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let backend: Awaited<ReturnType<typeof registerTensorFlowBackend>>;
beforeAll(async () => {
  backend = await registerTensorFlowBackend();
});

const probabilitiesOf = (
  { network, description: { mean, std } }: ExportedModel,
  images: tf.Tensor4D,
) =>
  tf.tidy(() => {
    const logits = inferLogits({ network, numClasses: 4, pixels: { mean, std } }, images);
    return tf.softmax(logits).dataSync<'float32'>();
  });

/** Runs an exported SavedModel as TensorFlow's own loader opens it. */
async function runSaved(
  output: string,
  feeds: Parameters<LoadedGraph['run']>[0],
  fetch = 'probabilities',
) {
  const loaded = LoadedGraph.fromSavedModel((await registerTensorFlowBackend()).api, output);
  try {
    const [result] = await loaded.run(feeds, [fetch]);
    return { shape: result!.shape, values: result!.values as Float32Array };
  } finally {
    loaded.dispose();
  }
}

const furthest = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe.each(Object.entries(networks))('%s', (name, create) => {
  test('has in TensorFlow the probabilities of the network, for any batch, and leaves no tensor and no handle', async () => {
    const model = modelOf(create());
    const values = Float32Array.from({ length: 5 * 16 * 16 * 3 }, (_, i) => (i * 7919) % 256);
    const images = tf.tensor4d(values, [5, 16, 16, 3]);
    const own = probabilitiesOf(model, images);
    const before = [tf.memory().numTensors, backend.nativeHandleCount()];
    const output = join(folder, name);
    const { deviation, notes } = await exportModel(model, { output, format: 'saved-model' });
    expect(notes).toEqual([expect.stringMatching(/^serving_jpeg turns no picture by EXIF/)]);
    expect([tf.memory().numTensors, backend.nativeHandleCount()]).toEqual(before);
    expect(deviation!.probability).toBeLessThan(1e-5);
    const feed = { dtype: DataType.DT_FLOAT, shape: images.shape, values };
    const saved = await runSaved(output, { images: feed });
    expect(saved.shape).toEqual([5, 4]);
    expect(furthest(saved.values, own)).toBeLessThan(1e-5);
    images.dispose();
    model.network.dispose();
  });
});

test('it is one graph for serving, of schema 1, with two signatures and without variables', () => {
  const bytes = readFileSync(join(folder, 'resnet', 'saved_model.pb'));
  const { savedModelSchemaVersion, metaGraphs } = fromBinary(SavedModelSchema, bytes);
  expect(savedModelSchemaVersion).toBe(1n);
  expect(metaGraphs).toHaveLength(1);
  const [{ metaInfoDef, graphDef, signatureDef } = {}] = metaGraphs;
  expect(metaInfoDef!.tags).toEqual(['serve']);
  const shapes = Object.entries(signatureDef!).map(([name, { inputs, outputs }]) => [
    name,
    ...Object.entries({ ...inputs, ...outputs }).map(([key, info]) => [
      ...[key, info.name, info.dtype],
      ...info.tensorShape!.dim.map(({ size }) => Number(size)),
    ]),
  ]);
  expect(shapes).toEqual([
    [
      'serving_default',
      ['images', 'images:0', 1, -1, 16, 16, 3],
      ['probabilities', 'probabilities:0', 1, -1, 4],
    ],
    [
      'serving_jpeg',
      ['jpeg_bytes', 'jpeg_bytes:0', 7, -1],
      ['probabilities', 'probabilities:0', 1, -1, 4],
    ],
  ]);
  for (const { methodName } of Object.values(signatureDef!))
    expect(methodName).toBe('tensorflow/serving/predict');
  const ops = new Set(graphDef!.node.map(({ op }) => op));
  for (const op of ['VarHandleOp', 'ReadVariableOp', 'AssignVariableOp'])
    expect(ops).not.toContain(op);
});

describe('with variables', () => {
  const images = Float32Array.from({ length: 2 * 16 * 16 * 3 }, (_, i) => (i * 7919) % 256);
  const feed = { images: { dtype: DataType.DT_FLOAT, shape: [2, 16, 16, 3], values: images } };
  const options = { format: 'saved-model', variables: true } as const;
  const graphIn = (output: string) =>
    fromBinary(SavedModelSchema, readFileSync(join(output, 'saved_model.pb'))).metaGraphs[0]!;

  test.each(['grouped', 'layers'] as const)(
    'the weights of %s are in a checkpoint, whose others are another network',
    async (name) => {
      const model = modelOf(networks[name]());
      const output = join(folder, `variables-${name}`);
      const own = tf.tidy(() => probabilitiesOf(model, tf.tensor4d(images, [2, 16, 16, 3])));
      const before = [tf.memory().numTensors, backend.nativeHandleCount()];
      const { files, deviation } = await exportModel(model, { ...options, output });
      expect([tf.memory().numTensors, backend.nativeHandleCount()]).toEqual(before);
      expect(deviation!.probability).toBeLessThan(1e-5);
      const first = await runSaved(output, feed);
      expect(furthest(first.values, own)).toBeLessThan(1e-5);
      const checkpoint = ['variables/variables.data-00000-of-00001', 'variables/variables.index'];
      expect(Object.keys(files)).toEqual(['classifier.json', 'saved_model.pb', ...checkpoint]);
      for (const [file, size] of Object.entries(files))
        expect(statSync(join(output, file)).size).toBe(size);
      for (const variable of Object.values(model.network.parameters))
        tf.tidy(() => variable.assign(tf.mul(variable, 0.9)));
      const other = join(folder, `others-${name}`);
      await exportModel(model, { ...options, output: other });
      const second = await runSaved(other, feed);
      expect(furthest(first.values, second.values)).toBeGreaterThan(1e-3);
      rmSync(join(output, 'variables'), { recursive: true });
      await expect(runSaved(output, feed)).rejects.toThrow(/FAILED_PRECONDITION|NOT_FOUND/);
      cpSync(join(other, 'variables'), join(output, 'variables'), { recursive: true });
      expect((await runSaved(output, feed)).values).toEqual(second.values);
      model.network.dispose();
    },
  );

  test('no weight is in the graph, and saver and collections name every variable', () => {
    const { graphDef, saverDef, collectionDef } = graphIn(join(folder, 'variables-grouped'));
    const named = (op: string) => graphDef!.node.filter((one) => one.op === op);
    const variables = named('VarHandleOp').map(({ name }) => name);
    expect(variables).toContain('weights/fc.weight');
    expect(named('Const').filter(({ name }) => name.startsWith('weights/'))).toEqual([]);
    expect(named('AssignVariableOp').map(({ input }) => input[0])).toEqual(variables);
    const nodes = new Set(graphDef!.node.map(({ name }) => name));
    for (const name of [saverDef!.filenameTensorName, saverDef!.saveTensorName])
      expect(nodes).toContain(name.replace(/:0$/, ''));
    expect(nodes).toContain(saverDef!.restoreOpName);
    for (const name of ['variables', 'trainable_variables']) {
      const { kind } = collectionDef[name]!;
      const defs = kind.case === 'bytesList' ? kind.value.value : [];
      const read = defs.map((bytes) => fromBinary(VariableDefSchema, bytes));
      expect(read.map((one) => one.variableName)).toEqual(variables.map((one) => `${one}:0`));
      for (const { initializerName, snapshotName } of read) {
        expect(nodes).toContain(initializerName);
        expect(nodes).toContain(snapshotName.replace(/:0$/, ''));
      }
    }
  });

  test('it is replaced with force, as a whole', async () => {
    const model = modelOf(networks.layers());
    const output = join(folder, 'variables-layers');
    await exportModel(model, { output, format: 'saved-model', force: true });
    expect(readdirSync(output).sort()).toEqual(['classifier.json', 'saved_model.pb']);
    model.network.dispose();
  });
});

/** A picture with edges and slopes, as a JPEG. */
function picture(height: number, width: number): Promise<Uint8Array> {
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 128 + 60 * Math.sin(x / (3 + c)) + (y > height / 3 ? 50 : -50);
  });
  return thumbnail({ kind: 'pixels', pixels, height, width }, { longest: 400 });
}

type Filter = Pick<InferenceDescription, 'interpolation' | 'antialias'>;
const cases: [number, number, Filter][] = [
  [60, 41, { interpolation: 'bilinear', antialias: true }],
  [37, 90, { interpolation: 'bilinear', antialias: false }],
  [61, 43, { interpolation: 'bicubic', antialias: true }],
  [50, 50, { interpolation: 'lanczos', antialias: true }],
  // Enlarged.
  [12, 9, { interpolation: 'bilinear', antialias: true }],
];

test.each(cases)(
  'a JPEG of %d by %d is resized and cropped in the graph as the evaluation does: %o',
  async (height, width, filter) => {
    const network = networkOf((images, weight) =>
      tf.matMul(tf.mean(images, [1, 2]) as tf.Tensor2D, weight),
    );
    const given = modelOf(network);
    const description = { ...given.description, ...filter };
    const output = join(folder, `jpeg-${height}-${width}`);
    await exportModel({ ...given, description }, { output, format: 'saved-model' });
    const bytes = await picture(height, width);

    const decoder = await createImageDecoder({ size: 16, ...filter, threads: 1 });
    const image = { kind: 'encoded', bytes } as const;
    const placement = resizeCenterCrop({ size: 16, resize: 18 })({ height, width }, Math.random);
    const { images } = await decoder.decode([{ image, name: 'picture', placement }]);
    await decoder.dispose();

    const jpeg_bytes = { dtype: DataType.DT_STRING, shape: [1], values: [bytes] };
    const inGraph = await runSaved(output, { jpeg_bytes }, 'images');
    expect(inGraph.shape).toEqual([1, 16, 16, 3]);
    // Pillow rounds between the two directions, and its weights to 22 bits; TensorFlow rounds once.
    expect(furthest(inGraph.values, Float32Array.from(images))).toBeLessThanOrEqual(1);
    const { values } = await runSaved(output, { jpeg_bytes });
    const own = tf.tidy(() => probabilitiesOf(given, tf.tensor4d(images, [1, 16, 16, 3])));
    expect(furthest(values, own)).toBeLessThan(5e-3);
    network.dispose();
  },
);

test('a picture of another size than the crop is padded with black, and bytes that are no picture are an error', async () => {
  const given = modelOf(
    networkOf((images, weight) => tf.matMul(tf.mean(images, [1, 2]) as tf.Tensor2D, weight)),
  );
  const model = { ...given, description: { ...given.description, evalResize: 9 } };
  const output = join(folder, 'padded');
  await exportModel(model, { output, format: 'saved-model' });
  const feed = (...values: Uint8Array[]) => ({
    jpeg_bytes: { dtype: DataType.DT_STRING, shape: [values.length], values },
  });
  const { values } = await runSaved(output, feed(await picture(18, 18)), 'images');
  const row = (y: number) => Array.from(values.subarray(y * 48, y * 48 + 48));
  expect([row(0), row(2), row(13)].flat().every((value) => value === 0)).toBe(true);
  expect(row(7).filter((value) => value > 0)).toHaveLength(9 * 3);
  // Files of any size go together, in their order.
  const files = [await picture(40, 18), await picture(18, 18), await picture(9, 30)];
  const together = await runSaved(output, feed(...files), 'images');
  expect(together.shape).toEqual([3, 16, 16, 3]);
  expect(together.values.subarray(768, 2 * 768)).toEqual(values);
  const broken = feed(files[0]!, Buffer.from('no picture'));
  await expect(runSaved(output, broken)).rejects.toThrow(/INVALID_ARGUMENT/);
  model.network.dispose();
});
