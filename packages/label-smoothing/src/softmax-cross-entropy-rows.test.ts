import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { smoothedSoftmaxCrossEntropy } from './index.ts';

const KERNEL = 'SoftmaxCrossEntropyWithLogits';
let calls = 0;

interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
  readSync(dataId: object): Float32Array;
}

/** TensorFlow's fused op in plain JavaScript: loss [batch] and backprop = softmax(logits) - labels. */
function registerFusedKernel(): void {
  tf.registerKernel({
    kernelName: KERNEL,
    backendName: 'cpu',
    kernelFunc: ({ inputs, backend }) => {
      calls += 1;
      const cpu = backend as CpuBackend;
      const { logits, labels } = inputs as { logits: tf.TensorInfo; labels: tf.TensorInfo };
      const [batch, width] = logits.shape as [number, number];
      const [z, q] = [cpu.readSync(logits.dataId), cpu.readSync(labels.dataId)];
      const loss = new Float32Array(batch);
      const backprop = new Float32Array(batch * width);
      for (let row = 0; row < batch; row++) {
        const from = row * width;
        const highest = Math.max(...z.slice(from, from + width));
        let sum = 0;
        for (let i = from; i < from + width; i++) sum += Math.exp(z[i]! - highest);
        for (let i = from; i < from + width; i++) {
          const logProbability = z[i]! - highest - Math.log(sum);
          loss[row]! -= q[i]! * logProbability;
          backprop[i] = Math.exp(logProbability) - q[i]!;
        }
      }
      return [
        cpu.makeTensorInfo([batch], 'float32', loss),
        cpu.makeTensorInfo([batch, width], 'float32', backprop),
      ];
    },
  });
}

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  calls = 0;
  tf.engine().startScope();
});
afterEach(() => {
  if (tf.getKernel(KERNEL, 'cpu')) tf.unregisterKernel(KERNEL, 'cpu');
  tf.engine().endScope();
});

const logits = () => tf.tensor2d([1, -2, 0.5, 3, 0, 0, -4, 2, 1, 1, 1, 1], [3, 4]);
const labels = () => tf.tensor1d([3, 0, 2], 'int32');
const weights = () => tf.tensor1d([1, -2, 0.5]);

test('the fused kernel is used where a backend has it, and agrees with the composed form', () => {
  const loss = (z: tf.Tensor) => smoothedSoftmaxCrossEntropy(labels(), z, { reduction: 'none' });
  const weighted = tf.valueAndGrad((z) => tf.sum(tf.mul(loss(z), weights())));
  const composed = weighted(logits());
  expect(calls).toBe(0);
  registerFusedKernel();
  const fused = weighted(logits());
  expect(calls).toBe(1);
  expect(fused.value.dataSync()[0]).toBeCloseTo(composed.value.dataSync()[0]!, 6);
  const expected = composed.grad.dataSync();
  expect(expected.some((value) => Math.abs(value) > 0.1)).toBe(true);
  fused.grad.dataSync().forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 6);
  });
});

test('no gradient flows into the labels of the fused kernel either', () => {
  registerFusedKernel();
  const targets = tf.softmax(logits());
  const alone = tf.grad((z) => smoothedSoftmaxCrossEntropy(targets, z))(logits());
  const both = tf.grad((z) => smoothedSoftmaxCrossEntropy(tf.softmax(z), z))(logits());
  expect(both.arraySync()).toEqual(alone.arraySync());
});

test('the fused kernel leaves no tensor behind, with and without a gradient', () => {
  registerFusedKernel();
  const [y, z] = [labels(), logits()];
  const before = tf.memory().numTensors;
  smoothedSoftmaxCrossEntropy(y, z).dispose();
  expect(tf.memory().numTensors).toBe(before);
  tf.grad((x) => smoothedSoftmaxCrossEntropy(y, x))(z).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
