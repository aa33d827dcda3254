import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel, toStateDict } from '@bag-of-tricks/resnet-variants';
import { createTrainStep, type TrainStepInputs } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, describe, expect, test } from 'vitest';
import { traits, trickParts } from '../../test/trick-parts.ts';
import { parseConfig } from '../config/parse.ts';
import { builtIn, type TrainConfig, tricksOf } from '../config/schema.ts';
import { buildOptimizer } from '../tricks/recipe.ts';
import { readOutputs } from './eager-runner.ts';

const numClasses = 4;
const imageShape = [8, 8, 1] as const;
const batchSize = 4;
const steps = 2;

type Backend = 'cpu' | 'tensorflow';

async function runSteps(backend: Backend, config: TrainConfig, withTeacher: boolean) {
  if (backend === 'tensorflow') await registerTensorFlowBackend();
  else await tf.setBackend('cpu');
  const tensorsBefore = tf.memory().numTensors;
  const options = { numClasses, inputChannels: 1, zeroGamma: false };
  const model = createModel('resnet20d', { ...options, seed: 1 });
  const teacher = withTeacher ? createModel('resnet20d', { ...options, seed: 2 }) : null;
  const optimizer = buildOptimizer(model, config, tricksOf(config, builtIn));
  const tricks = await trickParts(config, { network: model, ...(teacher && { teacher }) });
  const step = createTrainStep({ network: model, optimizer, numClasses, tricks, pixels: traits });
  const losses: number[] = [];
  const before = tf.memory().numTensors;
  for (let i = 0; i < steps; i++) {
    const { loss } = await readOutputs(() =>
      step({
        images: tf.tensor4d(
          Array.from({ length: batchSize * 64 }, (_, j) => (j * 37 + i * 11) % 256),
          [batchSize, ...imageShape],
          'int32',
        ),
        labels: tf.tensor1d([0, 1, 2, 3], 'int32'),
        learningRate: tf.scalar(0.05),
        lambda: tf.scalar(0.7),
      } as TrainStepInputs),
    );
    losses.push(loss);
  }
  expect(tf.memory().numTensors).toBe(before);
  const weights = await toStateDict(model);
  model.dispose();
  // The teacher among them.
  for (const { dispose } of tricks) dispose?.();
  optimizer.dispose();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  return { losses, weights };
}

describe('the training step', { tags: ['slow'] }, () => {
  afterAll(() => tf.setBackend('cpu'));

  test.each([
    ['with every trick', {}, false],
    ['with a teacher', { distillation: { teacher: 'given', temperature: 4 } }, true],
    ['without mixup and smoothing', { mixup: null, labelSmoothing: null }, false],
  ])(
    '%s gives the same losses and weights natively as on the cpu backend',
    async (_, changes, withTeacher) => {
      const config = parseConfig({ dataset: 'synthetic', ...changes });
      const reference = await runSteps('cpu', config, withTeacher);
      const native = await runSteps('tensorflow', config, withTeacher);
      native.losses.forEach((loss, i) => {
        expect(Math.abs(loss - reference.losses[i]!) / reference.losses[i]!).toBeLessThan(1e-4);
      });
      for (const [name, { data }] of Object.entries(reference.weights)) {
        const other = native.weights[name]!.data;
        const scale = Math.max(...data.map(Math.abs), 1e-3);
        const worst = Math.max(...data.map((value, i) => Math.abs(value - other[i]!)));
        expect(worst / scale, name).toBeLessThan(1e-3);
      }
    },
  );
});
