import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { tensorLayers } from '@bag-of-tricks/network-layers';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { architectureOf } from './architecture.ts';
import { residualSum, shortcutPath } from './forward.ts';
import { type ResNet, resnet } from './model.ts';

const TINY = { depth: 20, variant: 'd', numClasses: 4, layers: [1, 1], width: 4 } as const;

function imagesOf(height: number, width: number, channels = 3): tf.Tensor4D {
  return tf.randomNormal([2, height, width, channels], 0, 1, 'float32', 5);
}

function lossOf(logits: tf.Tensor2D): tf.Scalar {
  return tf.losses.softmaxCrossEntropy(tf.oneHot([1, 3], 4), logits);
}

let model: ResNet;
let images: tf.Tensor4D;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(() => {
  model = resnet(TINY);
  images = imagesOf(8, 8);
});

afterEach(() => {
  model.dispose();
  images.dispose();
});

describe('with zero gamma every block is its shortcut at step 0, before the last ReLU', () => {
  for (const depth of [18, 50] as const) {
    for (const variant of ['a', 'b', 'c', 'd'] as const) {
      test(`depth ${depth}, variant ${variant}`, () => {
        const options = { depth, variant, layers: [2, 2], width: 4 };
        const zero = resnet({ ...options, zeroGamma: true });
        const one = resnet({ ...options, zeroGamma: false });
        let x: tf.Tensor = imagesOf(7, 8, 4);
        for (const block of architectureOf(zero.config).blocks) {
          const [zeros, ones] = [zero, one].map((network) =>
            tensorLayers({ ...network, training: true, random: () => tf.zeros([1]) }),
          );
          const sum = residualSum(x, block, zeros!);
          expect(sum.arraySync()).toEqual(shortcutPath(x, block, zeros!).arraySync());
          expect(residualSum(x, block, ones!).arraySync()).not.toEqual(sum.arraySync());
          x = sum;
        }
        zero.dispose();
        one.dispose();
      });
    }
  }
});

test('two models of one network live side by side under names of their own', () => {
  const twin = resnet(TINY);
  expect(Object.keys(twin.parameters)).toEqual(Object.keys(model.parameters));
  expect(model.parameters['conv1.weight']!.name).toBe('resnet20d_0/conv1.weight');
  expect(twin.parameters['conv1.weight']!.name).toBe('resnet20d_1/conv1.weight');
  twin.dispose();
});

test('a disposed model leaves no tensors and frees its names', () => {
  const before = tf.memory().numTensors;
  for (let round = 0; round < 2; round++) {
    const other = resnet({ ...TINY, name: 'teacher' });
    expect(other.parameters['fc.bias']!.name).toBe('teacher_0/fc.bias');
    other.dispose();
  }
  expect(tf.memory().numTensors).toBe(before);
});

test.each([true, false])('apply leaves the logits and nothing else (training: %s)', (training) => {
  const before = tf.memory().numTensors;
  const logits = model.apply(images, { training });
  expect(logits.shape).toEqual([2, 4]);
  expect(tf.memory().numTensors).toBe(before + 1);
  logits.dispose();
});

test('a gradient step inside tidy leaves nothing, and the running statistics survive it', () => {
  const before = tf.memory().numTensors;
  for (let step = 0; step < 3; step++) {
    tf.tidy(() => {
      const { grads } = tf.variableGrads(
        () => lossOf(model.apply(images, { training: true })),
        Object.values(model.parameters),
      );
      expect(Object.keys(grads)).toHaveLength(Object.keys(model.parameters).length);
    });
  }
  expect(tf.memory().numTensors).toBe(before);
  expect(model.buffers['bn1.running_mean']!.dataSync().some((value) => value !== 0)).toBe(true);
});

test('optimisers that look for trainable variables do not find the running statistics', () => {
  const { grads } = tf.variableGrads(() => lossOf(model.apply(images, { training: true })));
  expect(Object.keys(grads)).toEqual(Object.values(model.parameters).map(({ name }) => name));
  tf.dispose(grads);
});

test('a few steps of gradient descent lower the loss', () => {
  const optimizer = tf.train.sgd(0.1);
  const losses = Array.from({ length: 6 }, () => {
    const loss = optimizer.minimize(() => lossOf(model.apply(images, { training: true })), true)!;
    return loss.dataSync()[0]!;
  });
  expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.7);
});

test('evaluation changes nothing and treats each image by itself', () => {
  model.apply(images, { training: true });
  const statistics = () => Object.values(model.buffers).map((buffer) => buffer.dataSync());
  const before = statistics();
  const together = model.apply(images, { training: false }).arraySync();
  expect(statistics()).toEqual(before);
  const alone = tf.unstack(images).map((image) => {
    const batch = image.expandDims(0) as tf.Tensor4D;
    return model.apply(batch, { training: false }).arraySync()[0]!;
  });
  expect(together).toEqual(alone);
});

test('a training step reads no value, so it can be traced into a graph', () => {
  const reads = [vi.spyOn(tf.Tensor.prototype, 'dataSync'), vi.spyOn(tf.Tensor.prototype, 'data')];
  tf.tidy(() => {
    tf.variableGrads(
      () => model.apply(images, { training: true }).mean() as tf.Scalar,
      Object.values(model.parameters),
    );
  });
  for (const read of reads) {
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  }
});

test('any image size gives finite logits, in every layout', () => {
  const layouts = (['a', 'd'] as const).flatMap((variant) =>
    ([18, 20, 50] as const).map((depth) => resnet({ ...TINY, depth, variant })),
  );
  const size = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...layouts), size, size, (network, height, width) => {
      tf.tidy(() => {
        const logits = network.apply(imagesOf(height, width), { training: true });
        expect(logits.shape).toEqual([2, 4]);
        expect(logits.dataSync().every(Number.isFinite)).toBe(true);
      });
    }),
    { numRuns: 40 },
  );
  for (const network of layouts) network.dispose();
});

test('more blocks or another variant leave the draws of the other layers alone', () => {
  const deeper = resnet({ ...TINY, layers: [2, 2], variant: 'a' });
  const values = (network: ResNet) => network.parameters['layer2.0.conv1.weight']!.dataSync();
  expect(values(deeper)).toEqual(values(model));
  deeper.dispose();
});

test.each([
  [
    () => tf.zeros([2, 8, 8, 1]),
    'apply: expected float32 images of shape [batch, height, width, 3], got float32 of shape [2,8,8,1].',
  ],
  [() => tf.zeros([8, 8, 3]), 'got float32 of shape [8,8,3].'],
  [() => tf.zeros([2, 8, 8, 3], 'int32'), 'got int32 of shape [2,8,8,3].'],
  [() => tf.zeros([0, 8, 8, 3]), 'apply: expected at least one pixel, got shape [0,8,8,3].'],
])('images of the wrong kind are refused (%#)', (make, message) => {
  expect(() => model.apply(make() as tf.Tensor4D, { training: false })).toThrow(message);
});
