import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { dynamicLossScale, scaleLoss, staticLossScale, unscaleGradients } from './index.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('scaleLoss and unscaleGradients', () => {
  test.each([
    ['a number', 1024],
    ['a scalar tensor', tf.scalar(1024)],
  ])('undo each other exactly for a power of two given as %s', (_, scale) => {
    const values = [1e-7, -3.25, 12345.678, 0];
    const gradients = { a: tf.tensor1d(values), b: scaleLoss(tf.scalar(0.1), scale) };
    const scaled = { a: scaleLoss(gradients.a, scale), b: gradients.b };
    const unscaled = unscaleGradients(scaled, scale);
    expect(Array.from(unscaled.a.dataSync())).toEqual(Array.from(Float32Array.from(values)));
    expect(unscaled.b.dataSync()[0]).toBe(Math.fround(0.1));
    expect(scaled.a.dataSync()[1]).toBe(-3328);
  });

  test('divide by a scale that is no power of two with correct rounding', () => {
    const unscaled = unscaleGradients({ a: tf.tensor1d([1, 5, 7]) }, 3);
    expect(Array.from(unscaled.a.dataSync())).toEqual([1 / 3, 5 / 3, 7 / 3].map(Math.fround));
  });

  test('keep Inf and NaN, so that the test may come after', () => {
    const unscaled = unscaleGradients(
      { a: tf.tensor1d([Number.POSITIVE_INFINITY, Number.NaN]) },
      8,
    );
    expect(Array.from(unscaled.a.dataSync())).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
  });

  test('return new tensors only and leave the inputs alone', () => {
    const gradients = { a: tf.ones([2]), b: tf.ones([3, 1]) };
    const before = tf.memory().numTensors;
    const unscaled = unscaleGradients(gradients, 4);
    const scaled = scaleLoss(gradients.a, 4);
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([unscaled, scaled]);
    expect(Array.from(gradients.a.dataSync())).toEqual([1, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuse a scale that is no positive finite scalar', () => {
    const loss = tf.scalar(1);
    for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => scaleLoss(loss, scale)).toThrow(RangeError);
      expect(() => unscaleGradients({ loss }, scale)).toThrow(
        `unscaleGradients: expected scale to be finite and > 0, got ${scale}.`,
      );
    }
    expect(() => scaleLoss(loss, tf.tensor1d([2]) as unknown as tf.Scalar)).toThrow(
      'scaleLoss: expected scale to be a number or a float32 scalar tensor, got float32 of shape [1].',
    );
    expect(() => scaleLoss(loss, tf.scalar(2, 'int32'))).toThrow(TypeError);
    expect(() => scaleLoss(loss, undefined as unknown as number)).toThrow(/got undefined/);
  });
});

describe('dynamicLossScale', () => {
  test('scales a loss so that the unscaled gradients are those of the loss', () => {
    const lossScale = dynamicLossScale();
    const weight = tf.variable(tf.tensor1d([1, -2]));
    const { grads } = tf.variableGrads(
      () => lossScale.scale(weight.square().sum().asScalar()),
      [weight],
    );
    expect(Array.from(grads[weight.name]!.dataSync())).toEqual([2 ** 16, -(2 ** 17)]);
    expect(Array.from(lossScale.unscale(grads)[weight.name]!.dataSync())).toEqual([2, -4]);
  });

  test('starts at 2 ** 15, halves on a bad step and doubles after 2000 good ones', () => {
    const lossScale = dynamicLossScale();
    expect(lossScale.value).toBe(32768);
    lossScale.update(false);
    expect(lossScale.value).toBe(16384);
    for (let i = 0; i < 1999; i++) lossScale.update(true);
    expect(lossScale.value).toBe(16384);
    lossScale.update(true);
    expect(lossScale.value).toBe(32768);
    expect(lossScale.skippedSteps).toBe(1);
  });

  test('stops at its bounds', () => {
    const lossScale = dynamicLossScale({ init: 4, min: 3, max: 10, growthInterval: 1 });
    lossScale.update(true);
    lossScale.update(true);
    expect(lossScale.value).toBe(10);
    for (let i = 0; i < 5; i++) lossScale.update(false);
    expect(lossScale.value).toBe(3);
  });

  test('continues from a checkpoint as if it had never stopped', () => {
    const options = { growthInterval: 3 };
    const pattern = [true, true, false, true, true, true, true, false, true, true, true];
    const whole = dynamicLossScale(options);
    const first = dynamicLossScale(options);
    for (const finite of pattern.slice(0, 5)) first.update(finite);
    const second = dynamicLossScale(options);
    second.restore(JSON.parse(JSON.stringify(first.state())));
    for (const finite of pattern.slice(5)) second.update(finite);
    for (const finite of pattern) whole.update(finite);
    expect(second.state()).toEqual(whole.state());
    expect(second.state()).toEqual({ scale: 32768, goodSteps: 0, skippedSteps: 2 });
  });

  test('refuses a start outside its bounds, a state that is not its own and a tensor as flag', () => {
    expect(() => dynamicLossScale({ init: 0.5 })).toThrow(
      'dynamicLossScale: expected init from min 1 to max 16777216, got 0.5.',
    );
    const lossScale = dynamicLossScale();
    const before = lossScale.state();
    expect(() => lossScale.restore({ scale: 2 ** 30, goodSteps: 0, skippedSteps: 0 })).toThrow(
      /restore: expected a scale from 1 to 16777216/,
    );
    expect(() => lossScale.restore({ scale: 8 } as typeof before)).toThrow(/goodSteps/);
    expect(() => lossScale.update(tf.scalar(false, 'bool') as unknown as boolean)).toThrow(
      /update: expected a boolean, got object/,
    );
    expect(lossScale.state()).toEqual(before);
  });
});

describe('staticLossScale', () => {
  test('keeps its value and counts the skipped steps', () => {
    const lossScale = staticLossScale(1000);
    lossScale.update(false);
    lossScale.update(true);
    lossScale.update(false);
    expect(lossScale.value).toBe(1000);
    expect(lossScale.skippedSteps).toBe(2);
    expect(lossScale.scale(tf.scalar(2)).dataSync()[0]).toBe(2000);
  });

  test('restores its counts, but not another value', () => {
    const lossScale = staticLossScale(8);
    lossScale.restore({ scale: 8, goodSteps: 4, skippedSteps: 2 });
    expect(lossScale.skippedSteps).toBe(2);
    expect(() => lossScale.restore({ scale: 16, goodSteps: 4, skippedSteps: 2 })).toThrow(
      /expected a scale from 8 to 8, got 16/,
    );
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => staticLossScale(value)).toThrow(RangeError);
  });
});
