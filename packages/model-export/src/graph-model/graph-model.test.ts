import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { fromLayersModel, inferLogits } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadFrom } from '../../test/support/graph-model.ts';
import { modelOf, networkOf, networks } from '../../test/support/networks.ts';
import { type ExportedModel, exportModel } from '../export-model.ts';
import { convertibleOps } from './ops.ts';
import type { WeightEntry } from './weights.ts';

const folder = mkdtempSync(join(tmpdir(), 'graph-model-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let backend: Awaited<ReturnType<typeof registerTensorFlowBackend>>;
beforeAll(async () => {
  backend = await registerTensorFlowBackend();
});
beforeEach(() => tf.setBackend('tensorflow').then(() => {}));

const count = 3;
const pixels = Float32Array.from({ length: count * 16 * 16 * 3 }, (_, i) => (i * 7919) % 256);

/** What the network itself says of the pictures. */
const expected = ({ network, description: { mean, std } }: ExportedModel) =>
  tf.tidy(() => {
    const images = tf.tensor4d(pixels, [count, 16, 16, 3]);
    const logits = inferLogits({ network, numClasses: 4, pixels: { mean, std } }, images);
    return tf.softmax(logits).dataSync<'float32'>();
  });

/** What TensorFlow.js says of the same, on its plain backend in JavaScript. */
async function loaded(output: string) {
  await tf.setBackend('cpu');
  const before = tf.memory().numTensors;
  const model = await loadFrom(output);
  const ends = [...model.inputs, ...model.outputs].map(({ name }) => name);
  const images = tf.tensor4d(pixels, [count, 16, 16, 3]);
  const probabilities = model.predict(images) as tf.Tensor;
  const values = await probabilities.data<'float32'>();
  tf.dispose([images, probabilities]);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return { ends, values };
}

const furthest = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe.each(Object.entries(networks))('%s', (name, create) => {
  test('has in TensorFlow.js the probabilities of the network, and leaves no tensor and no handle', async () => {
    const model = modelOf(create());
    const own = expected(model);
    expect(Math.max(...own) - Math.min(...own)).toBeGreaterThan(0.2);
    const before = [tf.memory().numTensors, backend.nativeHandleCount()];
    const output = join(folder, name);
    const { deviation, files } = await exportModel(model, { output });
    expect([tf.memory().numTensors, backend.nativeHandleCount()]).toEqual(before);
    expect(deviation!.probability).toBeLessThan(1e-5);
    const sizes = Object.keys(files).map((file) => statSync(join(output, file)).size);
    expect(Object.values(files)).toEqual(sizes);
    const { ends, values } = await loaded(output);
    expect(ends).toEqual(['images', 'probabilities']);
    expect(furthest(values, own)).toBeLessThan(1e-4);
    await tf.setBackend('tensorflow');
    model.network.dispose();
  });
});

test.each([
  ['resnet', 64],
  ['grouped', 256],
  ['mobilenet', 1280],
  ['layers', 392],
])(
  '%s names the node of its features, of which the rest of the graph makes the probabilities',
  async (name, width) => {
    const { values } = await loaded(join(folder, name));
    const model = await loadFrom(join(folder, name));
    const { features: node } = model.metadata as { features: string };
    const images = tf.tensor4d(pixels, [count, 16, 16, 3]);
    const features = model.execute(images, node) as tf.Tensor;
    expect(features.shape.slice(-2)).toEqual([count, width]);
    const probabilities = model.execute({ [node]: features }, 'probabilities') as tf.Tensor;
    expect(furthest(await probabilities.data<'float32'>(), values)).toBeLessThan(1e-6);
    tf.dispose([images, features, probabilities]);
    model.dispose();
  },
);

test('a network that does not end in a matrix product names no features', async () => {
  const model = modelOf(
    networkOf((images, weight) =>
      tf.mean(tf.conv2d(images, weight.reshape([1, 1, 3, 4]), 1, 'same'), [1, 2]),
    ),
  );
  await exportModel(model, { output: join(folder, 'convolution') });
  expect(modelIn(join(folder, 'convolution')).userDefinedMetadata).toEqual({});
  model.network.dispose();
});

interface ModelJson {
  readonly userDefinedMetadata: object;
  readonly modelTopology: { readonly node: readonly { readonly op: string }[] };
  readonly weightsManifest: readonly [{ readonly weights: readonly WeightEntry[] }];
  readonly signature: object;
}
const modelIn = (output: string): ModelJson =>
  JSON.parse(readFileSync(join(output, 'model.json'), 'utf8'));

test('convolution, batch norm and activation are one op, normalising is one addition, and no variable stays', () => {
  const counts = (name: string) => {
    const ops = modelIn(join(folder, name)).modelTopology.node.map(({ op }) => op);
    return Object.fromEntries(ops.map((op) => [op, ops.filter((one) => one === op).length]));
  };
  expect(counts('resnet')).toEqual({
    ...{
      Placeholder: 1,
      Const: expect.any(Number),
      _FusedConv2D: 21,
      Relu: 9,
      PadV2: 2,
      AvgPool: 2,
    },
    // One of the normalisation, nine of the blocks, one of the bias.
    ...{ Add: 11, Mean: 1, BatchMatMulV2: 1, LogSoftmax: 1, Exp: 1, Identity: 1 },
  });
  const { Relu6, Mul, FusedDepthwiseConv2dNative: depthwise, ...mobilenet } = counts('mobilenet');
  expect([Relu6, Mul, depthwise]).toEqual([undefined, undefined, 17]);
  expect(mobilenet._FusedConv2D).toBe(35);
});

test('the signature names the input and the output with a batch of any size', () => {
  const info = (name: string, sizes: string[]) => ({
    [name]: {
      ...{ name: `${name}:0`, dtype: 'DT_FLOAT' },
      tensorShape: { dim: sizes.map((size) => ({ size })) },
    },
  });
  expect(modelIn(join(folder, 'resnet')).signature).toEqual({
    inputs: info('images', ['-1', '16', '16', '3']),
    outputs: info('probabilities', ['-1', '4']),
    methodName: 'tensorflow/serving/predict',
  });
});

test.each([
  ['float16', 2, 2e-3],
  ['uint8', 3.5, 0.05],
] as const)(
  '%s kernels are %d times smaller or more, and the change of the probabilities is said',
  async (quantize, times, limit) => {
    const model = modelOf(networks.mobilenet());
    const own = expected(model);
    const output = join(folder, quantize);
    const { files, deviation } = await exportModel(model, { output, quantize });
    const { values } = await loaded(output);
    expect(furthest(values, own)).toBeLessThan(limit);
    expect(deviation!.probability).toBeGreaterThan(1e-6);
    expect(deviation!.probability).toBeLessThan(limit);
    const whole = statSync(join(folder, 'mobilenet', 'group1-shard1of1.bin')).size;
    const { 'group1-shard1of1.bin': bytes } = files;
    expect(whole / bytes!).toBeGreaterThan(times - 0.1);
    const [{ weights }] = modelIn(output).weightsManifest;
    const stored = (name: RegExp) => weights.find((one) => name.test(one.name))!.quantization;
    expect(stored(/conv_pw\.weight/)!.dtype).toBe(quantize);
    expect(stored(/conv_dw/)!.dtype).toBe('float16');
    expect(stored(/folded_bias/)).toBeUndefined();
    await tf.setBackend('tensorflow');
    model.network.dispose();
  },
);

test('weights of more than 4 MiB are in several shards', async () => {
  const layers = [
    tf.layers.flatten({ inputShape: [16, 16, 3] }),
    tf.layers.dense({ units: 3000 }),
    tf.layers.dense({ units: 4 }),
  ];
  const model = modelOf(fromLayersModel(tf.sequential({ layers })));
  const own = expected(model);
  const output = join(folder, 'shards');
  const { files } = await exportModel(model, { output });
  const shards = Object.entries(files).filter(([name]) => name.endsWith('.bin'));
  expect(shards.map(([name, size]) => [name, Math.ceil(size / 2 ** 20)])).toEqual([
    ['group1-shard1of3.bin', 4],
    ['group1-shard2of3.bin', 4],
    ['group1-shard3of3.bin', 1],
  ]);
  expect(furthest((await loaded(output)).values, own)).toBeLessThan(1e-4);
  await tf.setBackend('tensorflow');
  model.network.dispose();
});

test('an op that TensorFlow.js lacks is an error that names it and its layer, and nothing is written', async () => {
  const solve = (images: tf.Tensor4D, weight: tf.Tensor2D) => {
    const means = tf.matMul(tf.mean(images, [1, 2]), weight) as tf.Tensor2D;
    return tf.engine().runKernel('Erfinv', { x: tf.tanh(means) }) as tf.Tensor2D;
  };
  tf.registerKernel({
    kernelName: 'Erfinv',
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) => {
      const native = backend as unknown as {
        executeSingleOutput(op: string, attributes: object[], inputs: tf.TensorInfo[]): tf.Tensor;
        binding: { TF_ATTR_TYPE: number };
      };
      const type = { name: 'T', type: native.binding.TF_ATTR_TYPE, value: 1 };
      return native.executeSingleOutput('Erfinv', [type], [inputs.x!]);
    },
  });
  const model = modelOf(networkOf(solve));
  const output = join(folder, 'unknown');
  await expect(exportModel(model, { output })).rejects.toThrow(
    "expected ops that TensorFlow.js's graph models have, got Erfinv in layer.",
  );
  expect(readdirSync(folder)).not.toContain('unknown');
  const saved = await exportModel(model, { output, format: 'saved-model' });
  expect(saved.deviation!.probability).toBeLessThan(1e-5);
  tf.unregisterKernel('Erfinv', 'tensorflow');
  model.network.dispose();
});

test('the ops are those of the installed converter', async () => {
  const known = await convertibleOps();
  for (const op of ['_FusedConv2D', 'FusedDepthwiseConv2dNative', 'BatchMatMulV2']) {
    expect(known).toContain(op);
  }
  for (const op of ['VarHandleOp', 'ReadVariableOp', 'DecodeJpeg']) {
    expect(known).not.toContain(op);
  }
});
