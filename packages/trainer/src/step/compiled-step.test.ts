import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { buildTricks, createTrainStep, type TrainStepInputs } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { createNetwork } from '../networks.ts';
import { createOptimizer } from '../optimizer/optimizer.ts';
import { tricks } from '../tricks/index.ts';

beforeAll(async () => {
  await registerTensorFlowBackend();
});
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const numClasses = 10;
const [size, pixels] = [8, 16];
const shape: [number, number, number, number] = [size, pixels, pixels, 3];

const resNet = (seed: number) =>
  createNetwork('resnet20d', { numClasses, inputChannels: 3, init: 'xavier', seed });

/** A step of ResNet-20-D with every trick that stands in the loss: smoothed labels, mixup, and a teacher if `distil`. */
async function recipe({ distil }: { readonly distil: boolean }) {
  const network = resNet(1);
  const config = parseConfig({ dataset: 'synthetic' });
  const groups = tricks.noBiasDecay.definition.parameterGroups!({});
  const optimizer = createOptimizer(network.parameters, config.optimizer, groups);
  const parts = await buildTricks(
    [
      tricks.labelSmoothing({ epsilon: 0.1 }),
      ...(distil ? [tricks.distillation({ teacher: 'given', temperature: 20 })] : []),
      tricks.mixup(),
    ],
    {
      ...{ network, config, stepsPerEpoch: 1 },
      dataset: { name: '', imageShape: [pixels, pixels, 3], classNames: [], mean: [], std: [] },
      loadNetwork: async () => resNet(2),
    },
  );
  const step = createTrainStep({ network, optimizer, numClasses, tricks: parts }) as (
    inputs: TrainStepInputs,
  ) => { readonly loss: tf.Scalar; readonly top1: tf.Scalar };
  return { network, step };
}

/** Relative to the largest expected value, or to 1 where all are smaller. */
const largestError = (actual: ArrayLike<number>, expected: ArrayLike<number>) => {
  const values = Array.from(expected);
  const scale = Math.max(1, ...values.map(Math.abs));
  const errors = values.map((value, i) => Math.abs(value - actual[i]!) / scale);
  // Not Math.max alone: NaN must fail too.
  return errors.every(Number.isFinite) ? Math.max(...errors) : Number.POSITIVE_INFINITY;
};

test.each([{ distil: false }, { distil: true }])(
  '20 compiled steps with smoothed labels and mixup equal 20 eager ones (distillation: $distil)',
  { tags: ['slow'] },
  async ({ distil }) => {
    const eager = await recipe({ distil });
    const traced = await recipe({ distil });
    const compiled = await compile(traced.step, {
      inputs: {
        images: { shape },
        labels: { shape: [size], dtype: 'int32' },
        learningRate: { shape: [] },
        lambda: { shape: [] },
      },
    });
    for (let index = 0; index < 20; index++) {
      const images = tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', index);
      const labels = Int32Array.from({ length: size }, (_, i) => (i * 3 + index) % numClasses);
      // Small: at 0.02 the order in which threads add, which is not always the same, grows to 1e-4 within 20 steps.
      const [learningRate, lambda] = [0.002 * (1 - index / 40), 0.5 + index / 40];
      const expected = eager.step({
        images,
        labels: tf.tensor1d(labels, 'int32'),
        learningRate: tf.scalar(learningRate),
        lambda: tf.scalar(lambda),
      });
      const actual = await compiled.run({ images, labels, learningRate, lambda });
      const error = largestError([actual.loss], expected.loss.dataSync());
      expect(error, `loss of step ${index}`).toBeLessThan(1e-5);
    }
    const weights = await compiled.read(traced.network.parameters);
    for (const [name, variable] of Object.entries(eager.network.parameters)) {
      const error = largestError(weights[name]!.values, variable.dataSync());
      expect(error, name).toBeLessThan(1e-3);
    }
    await compiled.dispose();
  },
);
