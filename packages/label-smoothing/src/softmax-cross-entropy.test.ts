import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { type Reduction, softmaxCrossEntropy } from './index.ts';

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

interface Case {
  readonly loss: number | number[];
  readonly gradient: number[][];
}
const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);
const classes = () => tf.tensor1d(golden.classes as number[], 'int32');
const rows = (name: string) => tf.tensor2d(golden[name] as number[][]);

/** Without the overloads, for loops over all reductions. */
const lossOf = softmaxCrossEntropy as (
  targets: tf.Tensor,
  logits: tf.Tensor,
  options: { reduction: Reduction },
) => tf.Tensor;

function expectCase({ loss, gradient }: Case, targets: tf.Tensor, reduction: Reduction): void {
  const run = (z: tf.Tensor) => lossOf(targets, z, { reduction });
  const actual = [...run(rows('logits')).dataSync()];
  expect(actual).toHaveLength([loss].flat().length);
  [loss].flat().forEach((value, i) => {
    expect(Math.abs(actual[i]! / value - 1)).toBeLessThan(2e-6);
  });
  const actualGradient = tf
    .grad((z) => tf.sum(run(z)))(rows('logits'))
    .dataSync();
  gradient.flat().forEach((value, i) => {
    expect(actualGradient[i]).toBeCloseTo(value, 6);
  });
}

describe.each(['composed', 'fused'])('%s, it equals', (kind) => {
  beforeEach(() => {
    if (kind === 'fused') registerFusedKernel();
  });

  test.each(['mean', 'sum', 'none'] as const)(
    "PyTorch's CrossEntropyLoss(reduction: %s), on class numbers and one-hot labels of any dtype",
    (reduction) => {
      const reference: Case = golden.pytorch[`${reduction}-0.0`];
      expectCase(reference, classes(), reduction);
      for (const dtype of ['int32', 'float32', 'bool'] as const) {
        expectCase(reference, tf.cast(tf.oneHot(classes(), 7), dtype), reduction);
      }
    },
  );

  test("timm's SoftTargetCrossEntropy on soft and mixed labels", () => {
    expectCase(golden.timmSoft, rows('soft'), 'mean');
    expectCase(golden.timmMixed, rows('mixed'), 'mean');
    expect(calls > 0).toBe(kind === 'fused');
  });
});

test('the fused kernel is used where a backend has it, and agrees with the composed form', () => {
  const loss = (z: tf.Tensor) => softmaxCrossEntropy(labels(), z, { reduction: 'none' });
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
  const alone = tf.grad((z) => softmaxCrossEntropy(targets, z))(logits());
  const both = tf.grad((z) => softmaxCrossEntropy(tf.softmax(z), z))(logits());
  expect(both.arraySync()).toEqual(alone.arraySync());
});

test('the fused kernel leaves no tensor behind, with and without a gradient', () => {
  registerFusedKernel();
  const [y, z] = [labels(), logits()];
  const before = tf.memory().numTensors;
  softmaxCrossEntropy(y, z).dispose();
  expect(tf.memory().numTensors).toBe(before);
  tf.grad((x) => softmaxCrossEntropy(y, x))(z).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('the type says whether a scalar or one loss a row comes back', () => {
  expectTypeOf(softmaxCrossEntropy(classes(), rows('logits'))).toEqualTypeOf<tf.Scalar>();
  const losses = softmaxCrossEntropy(classes(), rows('logits'), { reduction: 'none' });
  expectTypeOf(losses).toEqualTypeOf<tf.Tensor1D>();
  expect(losses.shape).toEqual([6]);
});

test('shapes, kinds of labels and reductions that do not fit are refused', () => {
  const z = rows('logits');
  expect(() => softmaxCrossEntropy(tf.zeros([6, 8]), z)).toThrow(
    new RangeError(
      'softmaxCrossEntropy: expected labels for logits [6,7], got labels [6,8]. Labels come before logits, one row each.',
    ),
  );
  expect(() => softmaxCrossEntropy(tf.zeros([5, 7]), z)).toThrow(RangeError);
  expect(() => softmaxCrossEntropy(tf.zeros([6, 7, 1]), z)).toThrow(RangeError);
  expect(() => softmaxCrossEntropy(z, classes())).toThrow(/expected logits of shape .* got \[6\]/);
  expect(() => softmaxCrossEntropy(tf.zeros([6]), z)).toThrow(/to be int32 \[batch\] or/);
  expect(() => softmaxCrossEntropy(tf.zeros([0, 7]), tf.zeros([0, 7]))).toThrow(
    /expected at least one row and one class, got logits \[0,7\]/,
  );
  // @ts-expect-error a reduction that does not exist
  expect(() => softmaxCrossEntropy(classes(), z, { reduction: 'batchmean' })).toThrow(
    /^softmaxCrossEntropy: expected reduction to be 'mean', 'sum' or 'none', got "batchmean"/,
  );
});
