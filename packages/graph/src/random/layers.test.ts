import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { relativeError } from '../../test/support/compare.ts';
import { compile, withRandom } from '../index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const l = layers.layers;
const batchSize = 6;

describe('a layers model that draws random numbers', () => {
  const dropoutModels: Record<string, { shape: number[]; make: () => layers.LayersModel }> = {
    'dropout and batch normalisation': {
      shape: [8, 8, 2],
      make: () =>
        layers.sequential({
          layers: [
            l.conv2d({ filters: 4, kernelSize: 3, useBias: false, inputShape: [8, 8, 2] }),
            l.batchNormalization(),
            l.dropout({ rate: 0.25, noiseShape: [batchSize, 1, 1, 4] }),
            l.activation({ activation: 'relu' }),
            l.flatten(),
            l.dropout({ rate: 0.5, seed: 7 }),
            l.dense({ units: 3 }),
          ],
        }),
    },
    'Gaussian noise, Gaussian dropout and alpha dropout': {
      shape: [6],
      make: () =>
        layers.sequential({
          layers: [
            l.gaussianNoise({ stddev: 0.2, inputShape: [6] }),
            l.dense({ units: 8, activation: 'selu' }),
            l.alphaDropout({ rate: 0.2 }),
            l.gaussianDropout({ rate: 0.3 }),
            l.dense({ units: 3 }),
          ],
        }),
    },
    'spatial dropout, and an LSTM with both of its dropouts': {
      shape: [5, 3],
      make: () =>
        layers.sequential({
          layers: [
            l.spatialDropout1d({ rate: 0.4, inputShape: [5, 3] }),
            l.lstm({ units: 4, dropout: 0.3, recurrentDropout: 0.3 }),
            l.dense({ units: 3 }),
          ],
        }),
    },
  };

  test.each(Object.entries(dropoutModels))(
    'trains compiled with the losses of withRandom: %s',
    async (_, { shape, make }) => {
      const [eager, traced] = [make(), make()];
      traced.setWeights(eager.getWeights());
      const trainer = (model: layers.LayersModel) => {
        const optimizer = tf.train.momentum(0.05, 0.9);
        const own = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
        return ({ x }: { x: tf.Tensor }) =>
          tf.tidy(() => {
            const loss = () =>
              tf
                .mean(tf.square(tf.sub(model.apply(x, { training: true }) as tf.Tensor, 1)))
                .asScalar();
            return optimizer.minimize(loss, true, own)!;
          });
      };
      const random = () => ({ seed: 2, step: tf.variable(tf.scalar(0, 'int32'), false) });
      const [eagerRandom, tracedRandom] = [random(), random()];
      const eagerStep = trainer(eager);
      const compiled = await compile(trainer(traced), {
        inputs: { x: { shape: [batchSize, ...shape] } },
        random: tracedRandom,
      });
      const losses: number[] = [];
      const batch = tf.randomNormal([batchSize, ...shape], 0, 1, 'float32', 1);
      for (let step = 0; step < 5; step++) {
        const loss = withRandom(eagerRandom, () => eagerStep({ x: batch }));
        const actual = await compiled.run({ x: batch });
        expect(relativeError([actual], loss.dataSync()), `step ${step}`).toBeLessThan(1e-4);
        losses.push(actual);
      }
      expect(new Set(losses).size).toBe(5);
      await compiled.dispose();
    },
  );

  test('is an error that says how, without a seed; in inference, nothing is drawn', async () => {
    const model = layers.sequential({
      layers: [l.dropout({ rate: 0.5, inputShape: [4] }), l.dense({ units: 1 })],
    });
    const inputs = { x: { shape: [2, 4] } } as const;
    const training = compile(({ x }) => model.apply(x, { training: true }) as tf.Tensor, {
      inputs,
    });
    await expect(training).rejects.toThrow(/tf\.dropout.*option random: \{ seed, step \}/);
    const compiled = await compile(({ x }) => model.apply(x) as tf.Tensor2D, { inputs });
    const x = [1, 2, 3, 4, 5, 6, 7, 8];
    const expected = model.predict(tf.tensor2d(x, [2, 4])) as tf.Tensor;
    const actual = await compiled.run({ x });
    expect(relativeError(actual.values, expected.dataSync())).toBeLessThan(1e-5);
    await compiled.dispose();
  });
});
