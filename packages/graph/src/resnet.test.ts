import { smoothedSoftmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { createModel, type ResNet } from '@bag-of-tricks/resnet-variants';
import { createTrainStep, normalizeImages, type TrainStepInputs } from '@bag-of-tricks/train-step';
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

const pixels = { mean: [127.5, 127.5, 127.5], std: [63.75, 63.75, 63.75] };

/** The recipe's whole step: normalise, smooth, forward, backward, update, running statistics. */
function recipe(model: ResNet) {
  const optimizer = nesterovSgd(noBiasDecay(model.parameters));
  const step = createTrainStep({
    ...{ network: model, optimizer, numClasses: 10, pixels },
    loss: (targets, logits) => smoothedSoftmaxCrossEntropy(targets, logits).asScalar(),
  });
  const train = (inputs: TrainStepInputs) => tf.tidy(() => step(inputs).loss);
  const evaluate = ({ images }: Pick<TrainStepInputs, 'images'>) =>
    tf.tidy(() => model.apply(normalizeImages(images, pixels), { training: false }));
  return { model, optimizer, train, evaluate };
}

function copyWeights(from: ResNet, to: ResNet): void {
  for (const kind of ['parameters', 'buffers'] as const) {
    for (const [name, variable] of Object.entries(to[kind])) variable.assign(from[kind][name]!);
  }
}

function batch(index: number, size: number, pixels: number) {
  const images = Uint8Array.from(
    { length: size * pixels * pixels * 3 },
    (_, i) => (i * 31 + index * 17 + ((i * i) % 251)) % 256,
  );
  const labels = Int32Array.from({ length: size }, (_, i) => (i * 3 + index) % 10);
  return { images, labels };
}

const inputs = (size: number | null, pixels: number) =>
  ({
    images: { shape: [size, pixels, pixels, 3], dtype: 'uint8' },
    labels: { shape: [size], dtype: 'int32' },
    learningRate: { shape: [] },
  }) as const;

test('20 steps of ResNet-20-D equal 20 eager ones, in training and in evaluation', {
  tags: ['slow'],
}, async () => {
  const [size, pixels] = [8, 16];
  const eager = recipe(createModel('resnet20d', { numClasses: 10 }));
  const traced = recipe(createModel('resnet20d', { numClasses: 10 }));
  copyWeights(eager.model, traced.model);
  const compiled = await compile(traced.train, { inputs: inputs(size, pixels) });
  const evaluation = await compile(traced.evaluate, {
    inputs: { images: inputs(size, pixels).images },
    shareStateWith: compiled,
  });
  const tensorOf = (images: Uint8Array) => tf.tensor4d(images, [size, pixels, pixels, 3], 'int32');
  for (let step = 0; step < 20; step++) {
    const { images, labels } = batch(step, size, pixels);
    // Small: the order in which threads add differs, and at 0.02 that grows to 1e-2 of a velocity where Eigen computes.
    const learningRate = 0.002 * (1 - step / 40);
    const loss = eager.train({
      images: tensorOf(images),
      labels: tf.tensor1d(labels, 'int32'),
      learningRate: tf.scalar(learningRate),
    });
    const actual = await compiled.run({ images, labels, learningRate });
    expect(relativeError([actual], loss.dataSync()), `loss of step ${step}`).toBeLessThan(1e-4);
  }
  const { images } = batch(100, size, pixels);
  const logits = await evaluation.run({ images });
  const expected = eager.evaluate({ images: tensorOf(images) });
  expect(relativeError(logits.values, expected.dataSync())).toBeLessThan(1e-3);
  const buffers = await compiled.read(traced.model.buffers);
  for (const [name, variable] of Object.entries(eager.model.buffers)) {
    expect(relativeError(buffers[name]!.values, variable.dataSync()), name).toBeLessThan(1e-3);
  }
  const velocities = await compiled.read(traced.optimizer.velocities);
  for (const [name, velocity] of Object.entries(eager.optimizer.velocities)) {
    expect(relativeError(velocities[name]!.values, velocity.dataSync()), name).toBeLessThan(1e-2);
  }
  await Promise.all([compiled.dispose(), evaluation.dispose()]);
});

test('ResNet-50 with 256 images is traced in under 500 MB, for nothing is computed', {
  tags: ['slow'],
}, async () => {
  const { train, model } = recipe(createModel('resnet50', { numClasses: 10 }));
  // Uploads the weights: a copy of them is in every training, compiled or not.
  tf.tidy(() => Object.values(model.parameters).map((variable) => tf.square(variable)));
  const before = process.memoryUsage().rss;
  const tensors = tf.memory().numTensors;
  const compiled = await compile(train, { inputs: inputs(256, 224) });
  // Two copies of 25.6 million weights go to the graph: weights and velocities.
  const state = 2 * 4 * 23.6e6;
  expect(process.memoryUsage().rss - before - state).toBeLessThan(500e6);
  expect(tf.memory().numTensors).toBe(tensors);
  await compiled.dispose();
});
