import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { architectureOf, roundChannels } from './architecture.ts';
import type { Family } from './config.ts';
import { countMultiplyAdds, countParameters } from './counts.ts';
import { type MobileNet, mobileNet } from './model.ts';
import { createModel, modelNames } from './names.ts';

const FAMILIES: readonly Family[] = ['mobilenetv1', 'mobilenetv2', 'efficientnet_lite'];
const tiny = { width: 0.1, numClasses: 3 } as const;
const build = (family: Family, options = {}) =>
  mobileNet({ ...tiny, family, fixEnds: false, ...options });

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const images = (size = 33) => tf.randomNormal<tf.Rank.R4>([2, size, size, 3], 0, 1, 'float32', 5);
const logitsOf = (model: MobileNet, training = false, x = images()) => model.apply(x, { training });
const maxDifference = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

test('channels are rounded to the nearest 8, but never by more than a tenth down', () => {
  expect([3, 8, 11.2, 12, 22.4, 33.6, 44].map(roundChannels)).toEqual([8, 8, 16, 16, 24, 32, 48]);
});

describe.each(FAMILIES)('%s', (family) => {
  test('a training step leaves the gradients of every parameter, and moves the statistics', () => {
    const model = build(family);
    const x = images();
    const before = tf.memory().numTensors;
    const { value, grads } = tf.variableGrads(
      () => tf.mean(tf.square(logitsOf(model, true, x))).asScalar(),
      Object.values(model.parameters),
    );
    const count = Object.keys(model.parameters).length;
    expect(Object.keys(grads)).toHaveLength(count);
    expect(tf.memory().numTensors).toBe(before + count + 1);
    expect(model.buffers['bn1.running_mean']!.dataSync().some((mean) => mean !== 0)).toBe(true);
    for (const gradient of Object.values(grads)) {
      expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    }
    tf.dispose([value, grads]);
  });

  test('evaluation changes nothing, leaves the logits alone, and treats each image by itself', () => {
    const model = build(family);
    const x = images();
    const before = tf.memory().numTensors;
    const together = logitsOf(model, false, x);
    expect(together.shape).toEqual([2, 3]);
    expect(tf.memory().numTensors).toBe(before + 1);
    const [first] = tf.split(x, 2) as tf.Tensor4D[];
    expect(maxDifference(logitsOf(model, false, first), tf.slice(together, 0, 1))).toBeLessThan(
      1e-6,
    );
  });

  test('counts as the sizes of its variables', () => {
    const model = build(family);
    const sizes = Object.values(model.parameters).map(({ size }) => size);
    expect(countParameters(model)).toBe(sizes.reduce((total, size) => total + size, 0));
    expect(countMultiplyAdds(model)).toBe(countMultiplyAdds(model.config));
  });

  test('takes back its own state dict', async () => {
    const [model, other] = [build(family), build(family, { seed: 7 })];
    const x = images();
    expect(maxDifference(logitsOf(model, false, x), logitsOf(other, false, x))).toBeGreaterThan(0);
    other.loadStateDict(await model.toStateDict());
    expect(maxDifference(logitsOf(model, false, x), logitsOf(other, false, x))).toBe(0);
  });
});

test('zero gamma is in the last batch norm of blocks with a shortcut only', () => {
  const zeros = (model: MobileNet) =>
    Object.entries(model.parameters)
      .filter(([, value]) => value.rank === 1 && value.dataSync().every((one) => one === 0))
      .map(([name]) => name)
      .filter((name) => name.endsWith('.weight'));
  const { blocks } = architectureOf(build('mobilenetv2').config);
  const norms = blocks.filter(({ shortcut }) => shortcut).map(({ layers }) => layers.at(-1)!.norm);
  expect(norms.length).toBeGreaterThan(5);
  expect(zeros(build('mobilenetv2'))).toEqual(norms.map((norm) => `${norm}.weight`));
  expect(zeros(build('mobilenetv2', { zeroGamma: false }))).toEqual([]);
  expect(zeros(build('mobilenetv1'))).toEqual([]);
});

test('with zero gamma a block with a shortcut is its input at step 0, so leaving it out changes nothing', () => {
  const x = images();
  const all = logitsOf(build('mobilenetv2'), true, x);
  const model = build('mobilenetv2', { stochasticDepth: 0.9 });
  const none = model.apply(x, { training: true, random: (shape) => tf.ones([...shape]) });
  expect(maxDifference(all, none)).toBe(0);
});

test('stochastic depth draws once an image for each block with a shortcut, in training only', () => {
  const model = build('mobilenetv2', { stochasticDepth: 0.5, zeroGamma: false });
  const shapes: (readonly number[])[] = [];
  const random = (shape: readonly number[]) => {
    shapes.push(shape);
    return tf.zeros([...shape]);
  };
  model.apply(images(), { training: false, random });
  expect(shapes).toEqual([]);
  model.apply(images(), { training: true, random });
  const { blocks } = architectureOf(model.config);
  const dropped = blocks.filter(({ shortcut, dropRate }) => shortcut && dropRate > 0);
  expect(shapes).toEqual(dropped.map(() => [2, 1, 1, 1]));
});

test('padding and activation change the logits of the same weights at an even size', async () => {
  const plain = build('mobilenetv1');
  const weights = await plain.toStateDict();
  const x = tf.mul(images(32), 1000) as tf.Tensor4D;
  for (const options of [{ padding: 'same' }, { activation: 'relu' }, { epsilon: 1e-1 }]) {
    const other = build('mobilenetv1', options);
    other.loadStateDict(weights);
    const expected = logitsOf(plain, false, x);
    const difference = maxDifference(expected, logitsOf(other, false, x));
    expect(difference / tf.max(tf.abs(expected)).dataSync()[0]!).toBeGreaterThan(1e-2);
  }
});

test('a model is named as it was asked for, unless it is given a name', () => {
  expect(createModel('mobilenet0.25', { numClasses: 2 }).name).toBe('mobilenet0.25');
  expect(createModel('mobilenet0.25', { numClasses: 2, name: 'student' }).name).toBe('student');
  expect(new Set(modelNames()).size).toBe(modelNames().length);
});

test('an unknown name is refused with names that are known, and where all of them are', () => {
  for (const name of ['mobilenetv3_100', 'toString']) {
    expect(() => createModel(name)).toThrow(
      `createModel: expected a name such as mobilenetv2_100 or tf_efficientnet_lite0, got "${name}". modelNames() lists all.`,
    );
  }
});
