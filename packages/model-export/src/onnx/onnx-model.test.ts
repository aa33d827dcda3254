import '@tensorflow/tfjs-backend-cpu';
import * as mobileNets from '@bag-of-tricks/mobilenet-variants';
import type { Layers, StateDict } from '@bag-of-tricks/network-layers';
import * as resNets from '@bag-of-tricks/resnet-variants';
import { fromLayersModel } from '@bag-of-tricks/train-step';
import { fromBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { describe as description } from '../../test/onnx/networks.ts';
import { type ModelProto, ModelProtoSchema } from '../proto/onnx.generated.ts';
import { onnxModel } from './onnx-model.ts';
import { weightReader } from './weight-reader.ts';

beforeAll(() => tf.setBackend('cpu'));

const numClasses = 5;
const tiny = (name: string) =>
  resNets.createModel(name, {
    ...{ numClasses, layers: [1, 1] },
    ...(!name.includes('next') && { width: 8 }),
  });

/** Operators of ONNX that our networks are made of. */
const operators = new Set([
  ...['Add', 'AveragePool', 'Clip', 'Conv', 'Flatten', 'Gemm', 'GlobalAveragePool', 'MaxPool'],
  ...['Mul', 'Pad', 'Relu', 'Reshape', 'Sigmoid', 'Softmax'],
]);

const parse = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);
const withoutOnes = (shape: readonly (number | bigint)[]) =>
  shape.map(Number).filter((size, axis) => axis < 2 || size !== 1);

/** Every input is there before it is used, every constant is used and has the bytes of its shape, every output is another. */
function expectWhole({ graph }: ModelProto) {
  const { node, initializer, input, output } = graph!;
  const known = new Set([...input, ...initializer].map(({ name }) => name));
  expect(known.size).toBe(1 + initializer.length);
  const used = new Set<string>();
  for (const one of node) {
    expect(operators).toContain(one.opType);
    for (const name of one.input) {
      expect(known, one.name).toContain(name);
      used.add(name);
    }
    expect(known, one.name).not.toContain(one.output[0]);
    known.add(one.output[0]!);
  }
  expect(used).toEqual(new Set([...known].filter((name) => name !== output[0]!.name)));
  for (const { name, dims, dataType, rawData } of initializer) {
    const values = dims.reduce((product, size) => product * Number(size), 1);
    expect(rawData.length, name).toBe((dataType === 1 ? 4 : 8) * values);
  }
}

/** Kernels and dense layers keep name and shape, and each batch norm has become the bias before it. */
function expectWeightsOf(dict: StateDict, { graph }: ModelProto) {
  const constants = new Map(graph!.initializer.map((one) => [one.name, one]));
  const kernels = Object.entries(dict).filter(([, { shape }]) => shape.length > 1);
  for (const [name, { shape }] of kernels) {
    expect(withoutOnes(constants.get(name)!.dims), name).toEqual(withoutOnes(shape));
  }
  const layers = graph!.node.filter(({ opType }) => opType === 'Conv' || opType === 'Gemm');
  expect(layers).toHaveLength(kernels.length);
  for (const { input } of layers) {
    expect(kernels.map(([name]) => name)).toContain(input[1]);
    const outputs = constants.get(input[1]!)!.dims[0];
    if (input[2]) expect(constants.get(input[2])!.dims).toEqual([outputs]);
  }
}

async function expectExports(network: resNets.ResNet | mobileNets.MobileNet): Promise<void> {
  const dict = await network.toStateDict();
  const exported = { ...network, toStateDict: async () => dict };
  const model = parse(await onnxModel(exported, description(network, 32), {}));
  expectWhole(model);
  expectWeightsOf(dict, model);
  network.dispose();
}

test('every name of a ResNet is whole as ONNX, with its kernels and dense layers', async () => {
  for (const name of resNets.modelNames()) await expectExports(tiny(name));
});

test.each(mobileNets.modelNames())(
  '%s is whole as ONNX, with its kernels and dense layers',
  { tags: ['slow'] },
  async (name) => {
    await expectExports(mobileNets.createModel(name, { numClasses }));
  },
);

test('the batch is of any size, and what goes with a network travels along', async () => {
  const network = tiny('resnet20d');
  const about = { format: 'bag-of-tricks-classifier', description: { classNames: ['Bär', '熊'] } };
  const model = parse(await onnxModel(network, description(network, 32), about));
  const { opsetImport, metadataProps, irVersion, graph } = model;
  expect(opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 17n]]);
  expect(irVersion).toBe(8n);
  expect(metadataProps.map(({ key, value }) => [key, value])).toEqual([
    ['format', 'bag-of-tricks-classifier'],
    ['description', '{"classNames":["Bär","熊"]}'],
  ]);
  const shapeOf = (which: 'input' | 'output') =>
    graph![which].map(({ name, type }) => [
      name,
      type!.tensorType!.shape!.dim.map(({ value }) => value.value),
    ]);
  expect(shapeOf('input')).toEqual([['images', ['N', 3n, 32n, 32n]]]);
  expect(shapeOf('output')).toEqual([['probabilities', ['N', 5n]]]);
  network.dispose();
});

test('a network that has only apply is named, with the formats that take it', async () => {
  const layers = [
    tf.layers.flatten({ inputShape: [4, 4, 3] }),
    tf.layers.dense({ units: numClasses }),
  ];
  const network = fromLayersModel(tf.sequential({ layers }), { name: 'perceptron' });
  await expect(onnxModel(network, description(network, 4), {})).rejects.toThrow(
    'got perceptron, which has only apply. Export it to graph-model, saved-model or safetensors',
  );
  network.dispose();
});

/** A network of one dense layer with this state dict. */
const dense = (toStateDict: () => StateDict) => ({
  name: 'dense',
  forward: <T>(images: T, layers: Layers<T>) => layers.dense(layers.channelMeans(images), 'fc'),
  toStateDict: async () => toStateDict(),
});
const array = (...shape: number[]) => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

test.each([
  ['fc.bias is missing', { 'fc.weight': array(5, 3) }],
  ['fc.weight has 20 values of shape [5,4], not [any,3]', { 'fc.weight': array(5, 4) }],
  [
    'fc.bias has 4 values of shape [5], not [5]',
    { 'fc.weight': array(5, 3), 'fc.bias': { ...array(4), shape: [5] } },
  ],
  [
    'nothing needs conv1.weight',
    { 'fc.weight': array(5, 3), 'fc.bias': array(5), 'conv1.weight': array(1) },
  ],
])('a state dict of another network is refused: %s', async (problem, dict: StateDict) => {
  const network = dense(() => dict);
  await expect(onnxModel(network, description(network, 4), {})).rejects.toThrow(
    `expected the state dict of network dense, got one in which ${problem}. Load weights of this network`,
  );
});

test.each([
  ['conv1.weight', Number.NaN],
  ['bn1.running_var', -1],
  ['bn1.running_mean', Number.POSITIVE_INFINITY],
])('numbers of %s that are not finite, or give such ones, are refused', async (name, value) => {
  const network = tiny('resnet20d');
  const variable = { ...network.parameters, ...network.buffers }[name]!;
  variable.assign(tf.fill(variable.shape, value));
  await expect(onnxModel(network, description(network, 8), {})).rejects.toThrow(/conv1|bn1/);
  network.dispose();
});

test.each([
  ['std', [1, 0, 1], 'expected 3 finite numbers for pixels.scale, got 3, of which 2 are finite'],
  ['mean', [1, 2], 'expected 3 finite numbers for pixels.offset, got 2, of which 2 are finite'],
])('a %s of %s is refused', async (key, values, message) => {
  const network = tiny('resnet20d');
  const about = { ...description(network, 8), [key]: values };
  await expect(onnxModel(network, about, {})).rejects.toThrow(message);
  network.dispose();
});

test('names of other classes than the network has are refused', async () => {
  const network = tiny('resnet20d');
  const about = { ...description(network, 8), classNames: ['ape'] };
  await expect(onnxModel(network, about, {})).rejects.toThrow(
    'expected a network of 1 classes, got logits of shape [N,5] of resnet20d',
  );
  network.dispose();
});

test('more weights than a message of protobuf holds are refused before anything is made', async () => {
  const part = array(2 ** 22);
  const names = Array.from({ length: 128 }, (_, i) => `fc.${i}`);
  const network = dense(() => Object.fromEntries(names.map((name) => [name, part])));
  await expect(onnxModel(network, description(network, 4), {})).rejects.toThrow(
    'expected less than 2 GiB of weights, for an ONNX file is one protobuf message, got 2.00 GiB in dense. Export it to safetensors',
  );
});

test('equal networks are equal bytes, and nothing of them stays in memory', async () => {
  const before = tf.memory().numTensors;
  const bytes = async () => {
    const network = tiny('seresnet50');
    const model = await onnxModel(network, description(network, 32), {});
    network.dispose();
    return model;
  };
  expect(await bytes()).toEqual(await bytes());
  expect(tf.memory().numTensors).toBe(before);
});

test('reading a large network says how far it is', () => {
  const entry = { shape: [2 ** 22], data: new Float32Array(2 ** 22) };
  const told: string[] = [];
  const { read } = weightReader('own', { a: entry, b: entry, c: entry, d: entry }, (line) =>
    told.push(line),
  );
  for (const name of ['a', 'b', 'c', 'd']) read(name, [null]);
  expect(told).toEqual([
    'making the layers: 34 of 67 MB of weights',
    'making the layers: 67 of 67 MB of weights',
  ]);
});
