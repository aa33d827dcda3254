import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { relativeError } from '../test/support/compare.ts';
import { compile, type TensorValue } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const l = layers.layers;
const shape: [number, number, number, number] = [6, 8, 8, 3];

/** Two convolutions, each with batch norm and relu6, as tf.layers has them. */
function classifier(): layers.LayersModel {
  const convolution = (seed: number) => {
    const kernelInitializer = layers.initializers.heNormal({ seed });
    return l.conv2d({ filters: 5, kernelSize: 3, useBias: false, kernelInitializer });
  };
  return layers.sequential({
    layers: [
      l.inputLayer({ inputShape: shape.slice(1) }),
      convolution(1),
      l.batchNormalization({ momentum: 0.9 }),
      l.reLU({ maxValue: 6 }),
      convolution(2),
      l.batchNormalization({ momentum: 0.9 }),
      l.reLU({ maxValue: 6 }),
      l.globalAveragePooling2d({}),
    ],
  });
}

function training(model: layers.LayersModel) {
  const optimizer = tf.train.sgd(0.05);
  const trained = model.trainableWeights.map(
    (weight) => (weight as never as { val: tf.Variable }).val,
  );
  return ({ x }: { readonly x: tf.Tensor }) => {
    const { value, grads } = tf.variableGrads(
      () => tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar,
      trained,
    );
    optimizer.applyGradients(grads);
    return { loss: value };
  };
}

const variablesOf = (model: layers.LayersModel) =>
  model.weights.map((weight) => (weight as never as { val: tf.Variable }).val);

test('batch norm and relu6 of tf.layers train as one op each way, with the losses, weights and running statistics of eager', async () => {
  const [eager, traced] = [classifier(), classifier()];
  const eagerStep = training(eager);
  const compiled = await compile(training(traced), { inputs: { x: { shape } } });
  for (let seed = 1; seed <= 8; seed++) {
    const x = tf.randomNormal(shape, 0.5, 1, 'float32', seed);
    const { loss } = await compiled.run({ x });
    expect(relativeError([loss], eagerStep({ x }).loss.dataSync())).toBeLessThan(1e-5);
  }
  const named = Object.fromEntries(variablesOf(traced).map((variable, i) => [`w${i}`, variable]));
  const values = await compiled.read(named);
  variablesOf(eager).forEach((variable, i) => {
    expect(relativeError(values[`w${i}`]!.values, variable.dataSync()), variable.name).toBeLessThan(
      1e-5,
    );
  });

  const { ops } = await compiled.profile({ x: tf.randomNormal(shape) });
  const count = (pattern: RegExp) =>
    ops.reduce((sum, { op, count }) => sum + (pattern.test(op) ? count : 0), 0);
  expect(count(/FusedBatchNorm(V3|Ex)$/)).toBe(2);
  expect(count(/FusedBatchNormGradV3/)).toBe(2);
  expect(count(/Relu6Grad/)).toBe(2);
  // The moments are the op's own: of means there is the loss's, of spread gradients that of the pooling.
  expect(count(/SquaredDifference|Rsqrt|ReluGrad$/)).toBe(0);
  await compiled.dispose();
});

test('moments from elsewhere stay what they are', async () => {
  const [scale, offset] = [tf.variable(tf.ones([3])), tf.variable(tf.zeros([3]))];
  const step = ({ x, mean }: Record<'x' | 'mean', tf.Tensor>) => {
    const { value, grads } = tf.variableGrads(() => {
      const y = tf.batchNorm(
        x,
        mean as tf.Tensor1D,
        tf.square(mean) as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      );
      return tf.mean(tf.square(y)) as tf.Scalar;
    });
    return { value, scale: grads[scale.name]!, offset: grads[offset.name]! };
  };
  const compiled = await compile(step, { inputs: { x: { shape }, mean: { shape: [3] } } });
  const inputs = { x: tf.randomNormal(shape, 0, 1, 'float32', 1), mean: tf.tensor1d([0.5, 1, 2]) };
  const actual = (await compiled.run(inputs)) as Record<'scale' | 'offset', TensorValue> & {
    readonly value: number;
  };
  const expected = step(inputs);
  expect(relativeError([actual.value], expected.value.dataSync())).toBeLessThan(1e-5);
  expect(relativeError(actual.scale.values, expected.scale.dataSync())).toBeLessThan(1e-5);
  expect(relativeError(actual.offset.values, expected.offset.dataSync())).toBeLessThan(1e-5);
  await compiled.dispose();
});
