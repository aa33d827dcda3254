import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { cosineDecay } from '../index.ts';
import { scheduleCallback } from '../tfjs.ts';

const images = [0.5, -1, 2, 1.5];
const targets = [1, -2, 4.5, 2.5];

function compile(optimizer: tf.Optimizer): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: 'zeros' }),
    ],
  });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

async function fit(model: tf.LayersModel, epochs: number, callback: tf.CustomCallbackArgs) {
  const rates: number[] = [];
  const x = tf.tensor2d(images, [4, 1]);
  const y = tf.tensor2d(targets, [4, 1]);
  const record = {
    onBatchEnd: () => void rates.push(model.optimizer.getConfig().learningRate as number),
  };
  await model.fit(x, y, {
    batchSize: 2,
    epochs,
    shuffle: false,
    verbose: 0,
    callbacks: [callback, record],
  });
  return rates;
}

beforeAll(() => tf.setBackend('cpu'));

const schedule = cosineDecay({ peak: 0.2, steps: 8, end: 0.01 });
const expected = Array.from({ length: 8 }, (_, step) => schedule(step));

test('every batch of fit gets its rate, over epochs and over a second fit', async () => {
  const model = compile(tf.train.adam(0.5));
  const callback = scheduleCallback(schedule, model.optimizer);
  const first = await fit(model, 3, callback);
  const second = await fit(model, 1, callback);
  expect([...first, ...second]).toEqual(expected);
});

test('the weights go where gradient descent by hand goes with the same rates', async () => {
  const model = compile(tf.train.sgd(0.5));
  await fit(model, 4, scheduleCallback(schedule, model.optimizer));
  let weight = 0;
  expected.forEach((rate, step) => {
    const batch = step % 2 === 0 ? [0, 1] : [2, 3];
    const gradient = batch.reduce(
      (sum, i) => sum + (2 * (weight * images[i]! - targets[i]!) * images[i]!) / 2,
      0,
    );
    weight -= rate * gradient;
  });
  expect(model.getWeights()[0]!.dataSync()[0]).toBeCloseTo(weight, 5);
});

test('an error of the schedule stops the training', async () => {
  const model = compile(tf.train.sgd(0.5));
  await expect(
    fit(
      model,
      1,
      scheduleCallback(() => Number.NaN, model.optimizer),
    ),
  ).rejects.toThrow(/learningRate to be a finite number/);
});
