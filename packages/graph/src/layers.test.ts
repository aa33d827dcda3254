import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { relativeError } from '../test/support/compare.ts';
import { compile, type InputSpec } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const l = layers.layers;
const input = (...shape: number[]) => layers.input({ shape });
const output = (x: layers.SymbolicTensor, y: layers.SymbolicTensor) =>
  layers.model({ inputs: x, outputs: l.dense({ units: 3 }).apply(y) as layers.SymbolicTensor });
const apply = (layer: layers.layers.Layer, ...x: layers.SymbolicTensor[]) =>
  layer.apply(x.length === 1 ? x[0]! : x) as layers.SymbolicTensor;

/** Attention written with tfjs's ops, in a layer of the user's own. */
class Attention extends layers.layers.Layer {
  static className = 'TestAttention';
  #projection!: layers.LayerVariable;

  override build(shape: layers.Shape): void {
    const initializer = layers.initializers.glorotNormal({ seed: 5 });
    const size = shape.at(-1)!;
    this.#projection = this.addWeight('qkv', [size, 3 * size], 'float32', initializer);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    const [batch, length, size] = x.shape as [number, number, number];
    const flat = tf.reshape(x, [batch * length, size]) as tf.Tensor2D;
    const all = tf.matMul(flat, this.#projection.read() as tf.Tensor2D);
    const [q, k, v] = tf.split(tf.reshape(all, [batch, length, 3 * size]), 3, 2);
    const scores = tf.softmax(tf.mul(tf.matMul(q!, k!, false, true), size ** -0.5));
    return tf.matMul(scores, v!);
  }
}

const models: Record<
  string,
  { shape: number[]; dtype?: 'float32' | 'int32'; make: () => layers.LayersModel }
> = {
  'tf.sequential with dense layers': {
    shape: [5],
    make: () =>
      layers.sequential({
        layers: [
          l.dense({ units: 8, activation: 'relu', inputShape: [5] }),
          l.dense({ units: 8, activation: 'elu', kernelInitializer: 'heNormal' }),
          l.dense({ units: 8, activation: 'tanh' }),
          l.dense({ units: 3 }),
        ],
      }),
  },
  'convolutions, pooling and batch normalisation': {
    shape: [8, 8, 2],
    make: () =>
      layers.sequential({
        layers: [
          // A bias before batch normalisation has a gradient of rounding errors, which Adam would blow up.
          l.conv2d({
            filters: 4,
            kernelSize: 3,
            padding: 'same',
            useBias: false,
            inputShape: [8, 8, 2],
          }),
          l.batchNormalization(),
          l.activation({ activation: 'relu' }),
          l.maxPooling2d({ poolSize: 2 }),
          l.conv2d({ filters: 4, kernelSize: 2, strides: 2, activation: 'relu6' }),
          l.averagePooling2d({ poolSize: 2 }),
          l.flatten(),
          l.dense({ units: 3 }),
        ],
      }),
  },
  'separable and depthwise convolutions, global pooling': {
    shape: [8, 8, 2],
    make: () => {
      const x = input(8, 8, 2);
      const y = apply(l.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2 }), x);
      const z = apply(l.depthwiseConv2d({ kernelSize: 3, padding: 'same' }), y);
      return output(x, apply(l.globalAveragePooling2d({}), apply(l.leakyReLU(), z)));
    },
  },
  'a functional model with a branch, add and concatenate': {
    shape: [6, 6, 2],
    make: () => {
      const x = input(6, 6, 2);
      const a = apply(l.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }), x);
      const b = apply(l.conv2d({ filters: 4, kernelSize: 1 }), x);
      const sum = apply(l.add(), a, b);
      const joined = apply(l.concatenate(), sum, a);
      return output(x, apply(l.globalMaxPooling2d({}), joined));
    },
  },
  'upsampling, padding, cropping and a transposed convolution': {
    shape: [4, 4, 2],
    make: () => {
      const x = input(4, 4, 2);
      const up = apply(l.upSampling2d({ size: [2, 2] }), x);
      const padded = apply(l.zeroPadding2d({ padding: 1 }), up);
      const cropped = apply(
        l.cropping2D({
          cropping: [
            [1, 1],
            [1, 1],
          ],
        }),
        padded,
      );
      const y = apply(l.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2 }), cropped);
      return output(x, apply(l.globalAveragePooling2d({}), y));
    },
  },
  'an embedding with layer normalisation': {
    shape: [6],
    dtype: 'int32',
    make: () => {
      const x = layers.input({ shape: [6], dtype: 'int32' });
      const y = apply(l.embedding({ inputDim: 10, outputDim: 4 }), x);
      const z = apply(l.layerNormalization(), y);
      return output(x, apply(l.globalAveragePooling1d(), z));
    },
  },
  'attention by hand': {
    shape: [6, 4],
    make: () => {
      const x = input(6, 4);
      const y = apply(l.add(), apply(new Attention(), x), x);
      return output(x, apply(l.flatten(), apply(l.layerNormalization(), y)));
    },
  },
  'LSTM, which tfjs unrolls': {
    shape: [5, 3],
    make: () => {
      const x = input(5, 3);
      return output(x, apply(l.lstm({ units: 4 }), x));
    },
  },
  'GRU in both directions, and a time-distributed dense layer': {
    shape: [5, 3],
    make: () => {
      const x = input(5, 3);
      const layer = l.gru({ units: 4, returnSequences: true }) as layers.RNN;
      const y = apply(l.bidirectional({ layer, mergeMode: 'concat' }), x);
      const z = apply(l.timeDistributed({ layer: l.dense({ units: 2 }) }), y);
      return output(x, apply(l.flatten(), z));
    },
  },
  '1D convolution and pooling': {
    shape: [12, 2],
    make: () => {
      const x = input(12, 2);
      const y = apply(l.conv1d({ filters: 4, kernelSize: 3, activation: 'sigmoid' }), x);
      return output(x, apply(l.flatten(), apply(l.maxPooling1d({ poolSize: 2 }), y)));
    },
  },
  '3D convolution and pooling': {
    shape: [4, 4, 4, 1],
    make: () => {
      const x = input(4, 4, 4, 1);
      const y = apply(l.conv3d({ filters: 2, kernelSize: 3, padding: 'same' }), x);
      return output(x, apply(l.flatten(), apply(l.maxPooling3d({ poolSize: [2, 2, 2] }), y)));
    },
  },
};

const batchSize = 6;

function values(shape: readonly number[], dtype: 'float32' | 'int32', seed: number) {
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (dtype === 'int32') return Int32Array.from({ length: size }, (_, i) => (i * i + seed) % 10);
  return Float32Array.from({ length: size }, (_, i) => Math.sin(i * i * 0.7 + seed));
}

describe('a layers model trains and predicts in a graph as it does eagerly', () => {
  test.each(Object.entries(models))('%s', async (_, { shape, dtype = 'float32', make }) => {
    const [eager, traced] = [make(), make()];
    traced.setWeights(eager.getWeights());
    const trainer = (model: layers.LayersModel) => {
      const optimizer = tf.train.adam(0.01);
      return ({ x, labels }: { x: tf.Tensor; labels: tf.Tensor }) =>
        tf.tidy(() => {
          const targets = tf.oneHot(labels as tf.Tensor1D, 3);
          const loss = () =>
            tf.losses
              .softmaxCrossEntropy(targets, model.apply(x, { training: true }) as tf.Tensor)
              .asScalar();
          // tfjs trains all variables that there are, also those of the other model.
          const own = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
          return optimizer.minimize(loss, true, own)!;
        });
    };
    const x: InputSpec = { shape: [batchSize, ...shape], dtype };
    const inputs = { x, labels: { shape: [batchSize], dtype: 'int32' } } as const;
    const steps = { eager: trainer(eager), traced: trainer(traced) };
    const compiled = await compile(steps.traced, { inputs });
    const predict = await compile(({ x }) => traced.apply(x) as tf.Tensor2D, {
      inputs: { x },
      shareStateWith: compiled,
    });
    for (let step = 0; step < 4; step++) {
      const labels = values([batchSize], 'int32', step).map((label) => label % 3);
      const batch = values(x.shape as number[], dtype, step);
      const loss = steps.eager({
        x: tf.tensor(batch, x.shape as number[], dtype),
        labels: tf.tensor1d(labels, 'int32'),
      });
      const actual = await compiled.run({ x: batch, labels });
      expect(relativeError([actual], loss.dataSync()), `step ${step}`).toBeLessThan(1e-4);
    }
    const batch = values(x.shape as number[], dtype, 50);
    const expected = eager.predict(tf.tensor(batch, x.shape as number[], dtype)) as tf.Tensor;
    const predicted = await predict.run({ x: batch });
    expect(relativeError(predicted.values, expected.dataSync())).toBeLessThan(1e-3);
    await compiled.sync();
    const after = traced.predict(tf.tensor(batch, x.shape as number[], dtype)) as tf.Tensor;
    expect(relativeError(after.dataSync(), predicted.values)).toBeLessThan(1e-4);
    await Promise.all([compiled.dispose(), predict.dispose()]);
  });
});
