import { distillationLoss } from '@bag-of-tricks/distill';
import { smoothLabels, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { mixup } from '@bag-of-tricks/mixup';
import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { createModel } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useTensorFlow } from '../test/support/backend.ts';
import { relativeError } from '../test/support/compare.ts';
import { compile } from './index.ts';

useTensorFlow();
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const numClasses = 10;
const [size, pixels] = [8, 16];
const shape: [number, number, number, number] = [size, pixels, pixels, 3];

interface Inputs {
  readonly images: tf.Tensor;
  readonly labels: tf.Tensor;
  readonly learningRate: tf.Tensor;
  readonly lambda: tf.Tensor;
}

/** One step of ResNet-20-D with every trick that stands in the loss: smoothed labels, mixup, and a teacher if `distil`. */
function recipe({ distil }: { readonly distil: boolean }) {
  const model = createModel('resnet20d', { numClasses, seed: 1 });
  const teacher = createModel('resnet20d', { numClasses, seed: 2 });
  const optimizer = nesterovSgd(noBiasDecay(model.parameters));
  const step = ({ images, labels, learningRate, lambda }: Inputs) =>
    tf.tidy(() => {
      const targets = smoothLabels(labels as tf.Tensor1D, { epsilon: 0.1, numClasses });
      const mixed = mixup(images as tf.Tensor4D, targets, { lambda: lambda as tf.Scalar });
      const teacherLogits = teacher.apply(mixed.inputs, { training: false });
      const loss = () => {
        const logits = model.apply(mixed.inputs, { training: true });
        return distil
          ? distillationLoss(mixed.labels, logits, teacherLogits, { temperature: 20 }).loss
          : softmaxCrossEntropy(mixed.labels, logits);
      };
      return optimizer.minimize(loss, learningRate as tf.Scalar).value;
    });
  return { model, step };
}

test.each([{ distil: false }, { distil: true }])(
  '20 steps with smoothed labels and mixup equal 20 eager ones (distillation: $distil)',
  { tags: ['slow'] },
  async ({ distil }) => {
    const eager = recipe({ distil });
    const traced = recipe({ distil });
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
      const loss = eager.step({
        images,
        labels: tf.tensor1d(labels, 'int32'),
        learningRate: tf.scalar(learningRate),
        lambda: tf.scalar(lambda),
      });
      const actual = await compiled.run({ images, labels, learningRate, lambda });
      expect(relativeError([actual], loss.dataSync()), `loss of step ${index}`).toBeLessThan(1e-5);
    }
    const weights = await compiled.read(traced.model.parameters);
    for (const [name, variable] of Object.entries(eager.model.parameters)) {
      expect(relativeError(weights[name]!.values, variable.dataSync()), name).toBeLessThan(1e-3);
    }
    await compiled.dispose();
  },
);
