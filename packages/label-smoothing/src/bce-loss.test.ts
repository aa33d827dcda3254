import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BceLossOptions, bceLoss, smoothLabels } from './index.ts';

interface Case {
  readonly loss: number;
  readonly gradient: number[][];
}
const golden = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.engine().endScope();
  vi.restoreAllMocks();
});

const classes = () => tf.tensor1d(golden.classes as number[], 'int32');
const rows = (name: string) => tf.tensor2d(golden[name] as number[][]);

function expectCase(
  { loss, gradient }: Case,
  targets: tf.Tensor,
  options?: BceLossOptions,
  logits = rows('logits'),
): void {
  const { value, grad } = tf.valueAndGrad((z) => bceLoss(targets, z, options))(logits);
  expect(Math.abs(value.dataSync()[0]! / loss - 1)).toBeLessThan(2e-6);
  const actual = grad.dataSync();
  expect(actual).toHaveLength(gradient.flat().length);
  gradient.flat().forEach((expected, i) => {
    expect(actual[i]).toBeCloseTo(expected, 6);
  });
}

describe("equals PyTorch's binary_cross_entropy_with_logits and timm's BinaryCrossEntropy, loss and gradient", () => {
  const { bce } = golden as { bce: Record<string, Case> };

  test('on soft, mixed and several labels', () => {
    expectCase(bce.pytorch!, rows('soft'));
    expectCase(bce.mixed!, rows('mixed'));
    expectCase(bce.multiLabel!, rows('multiLabel'), { sumClasses: true });
    expectCase(bce.multiLabel!, tf.cast(rows('multiLabel'), 'bool'), { sumClasses: true });
  });

  test('on class numbers, plain and smoothed', () => {
    expectCase(bce.classes!, classes());
    expectCase(bce.smoothedClasses!, smoothLabels(classes(), { numClasses: 7 }));
  });

  test('with the sum over the classes and with a threshold', () => {
    expectCase(bce.mixedSum!, rows('mixed'), { sumClasses: true });
    expectCase(bce.mixedThreshold!, rows('mixed'), { threshold: 0.2 });
    expectCase(bce.mixedThresholdSum!, rows('mixed'), { threshold: 0.5, sumClasses: true });
    expectCase(bce.softThreshold!, rows('soft'), { threshold: 0.2 });
  });

  test('on logits of tens of thousands', () => {
    expectCase(bce.large!, rows('mixed'), {}, tf.mul(rows('logits'), 3000));
  });
});

test('a target equal to the threshold becomes 0', () => {
  const z = tf.tensor2d([[1, 1]]);
  const loss = (targets: number[], options: BceLossOptions) =>
    bceLoss(tf.tensor2d([targets]), z, options).dataSync()[0];
  expect(loss([0.5, 0.75], { threshold: 0.5 })).toBe(loss([0, 1], {}));
  expect(loss([0, 0.1], { threshold: 0 })).toBe(loss([0, 1], {}));
});

test('logits at the edge of float32 give finite losses and gradients', () => {
  const edge = fc.constantFrom(0, 1e-38, -1e-38, 88.8, -88.8, 104, -104, 1e4, -1e4, 1e37, -1e37);
  const share = fc.float({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(edge, edge, share, share, (a, b, p, q) => {
      tf.tidy(() => {
        const targets = tf.tensor2d([[p, q]]);
        const { value, grad } = tf.valueAndGrad((z) => bceLoss(targets, z))(tf.tensor2d([[a, b]]));
        expect(Number.isFinite(value.dataSync()[0])).toBe(true);
        expect(value.dataSync()[0]).toBeGreaterThanOrEqual(0);
        expect([...grad.dataSync()].every(Number.isFinite)).toBe(true);
      });
    }),
  );
});

test('no gradient flows into the targets', () => {
  const z = rows('logits');
  const constant = tf.sigmoid(z);
  const alone = tf.grad((x) => bceLoss(constant, x))(z);
  const both = tf.grad((x) => bceLoss(tf.sigmoid(x), x))(z);
  expect(both.arraySync()).toEqual(alone.arraySync());
});

test('only the result is left, after a gradient too, and no tensor is read', () => {
  const [labels, z] = [classes(), rows('logits')];
  const reads = vi.spyOn(tf.engine(), 'readSync');
  const before = tf.memory().numTensors;
  const loss = bceLoss(labels, z, { threshold: 0.2 });
  expect(loss.shape).toEqual([]);
  expect(tf.memory().numTensors).toBe(before + 1);
  const { value, grad } = tf.valueAndGrad((x) => bceLoss(labels, x))(z);
  tf.dispose([value, grad, loss]);
  expect(tf.memory().numTensors).toBe(before);
  expect(reads).not.toHaveBeenCalled();
  expect(labels.isDisposed || z.isDisposed).toBe(false);
});

test('shapes, kinds of labels and thresholds that do not fit are refused', () => {
  const z = rows('logits');
  expect(() => bceLoss(tf.zeros([6, 8]), z)).toThrow(
    'bceLoss: expected labels for logits [6,7], got labels [6,8]. Labels come before logits, one row each.',
  );
  expect(() => bceLoss(tf.zeros([6]), z)).toThrow(TypeError);
  expect(() => bceLoss(classes(), tf.zeros([6]))).toThrow(/^bceLoss: expected logits of shape/);
  expect(() => bceLoss(tf.zeros([0, 7]), tf.zeros([0, 7]))).toThrow(/at least one row/);
  for (const threshold of [-0.1, 1, Number.NaN]) {
    expect(() => bceLoss(rows('mixed'), z, { threshold })).toThrow(
      /^bceLoss: expected 0 <= threshold < 1/,
    );
  }
});
