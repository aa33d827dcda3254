// Uses the packages together, on the cpu backend and then on TensorFlow's library.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { adamw } from '@bag-of-tricks/adamw';
import { allFinite } from '@bag-of-tricks/amp';
import { loadClassifier } from '@bag-of-tricks/classifier';
import { cutmix } from '@bag-of-tricks/cutmix';
import { softTargets } from '@bag-of-tricks/distill';
import { writeFileWhole } from '@bag-of-tricks/durable-files';
import { ema } from '@bag-of-tricks/ema';
import { accumulateGradients } from '@bag-of-tricks/gradient-accumulation';
import { clipByGlobalNorm } from '@bag-of-tricks/gradient-clipping';
import { compile } from '@bag-of-tricks/graph';
import {
  createImageDecoder,
  imageFolder,
  randomResizedCrop,
  trainBatches,
} from '@bag-of-tricks/image-data';
import { smoothLabels } from '@bag-of-tricks/label-smoothing';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { cosineDecay } from '@bag-of-tricks/lr-schedules';
import { setLearningRate } from '@bag-of-tricks/lr-schedules/tfjs';
import { mixup } from '@bag-of-tricks/mixup';
import { exportModel } from '@bag-of-tricks/model-export';
import { noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { groupedOptimizer } from '@bag-of-tricks/optimizer';
import { matchWeights, openWeights } from '@bag-of-tricks/pretrained';
import { progressiveSize } from '@bag-of-tricks/progressive-resizing';
import { resnet20d } from '@bag-of-tricks/resnet-variants';
import { writeReport } from '@bag-of-tricks/run-report';
import { parseSafetensors, serializeSafetensors } from '@bag-of-tricks/safetensors';
import { openSafetensors } from '@bag-of-tricks/safetensors/node';
import { train } from '@bag-of-tricks/trainer';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

async function useTricks() {
  const optimizer = tf.train.adam();
  setLearningRate(optimizer, cosineDecay({ peak: 0.4, steps: 100 })(50));
  assert.equal(Math.fround(optimizer.learningRate), Math.fround(0.2));

  const labels = smoothLabels(tf.tensor1d([1, 0], 'int32'), { numClasses: 2, epsilon: 0.2 });
  const images = tf.ones([2, 8, 8, 3]);
  const mixed = mixup(images, labels, { lambda: 0.5 });
  const box = { top: 0, left: 0, bottom: 4, right: 4 };
  assert.equal(cutmix(images, mixed.labels, { box }).lambda, 0.75);
  const model = resnet20d({ numClasses: 2 });
  const logits = model.apply(mixed.inputs, { training: false });
  const targets = softTargets(logits, { temperature: 2 });
  const sums = [...tf.sum(targets, 1).dataSync(), ...tf.sum(mixed.labels, 1).dataSync()];
  for (const sum of sums) assert.ok(Math.abs(sum - 1) < 1e-6);
  assert.equal(allFinite({ logits }).dataSync()[0], 1);
  const [decayed, notDecayed] = noBiasDecay(model.parameters);
  assert.ok(Object.keys(decayed.parameters).length < Object.keys(notDecayed.parameters).length);
  model.dispose();
  useTrainingTricks();
}

/** w from 1 towards 0: the gradient of w^2 is 2, clipped to 1; AdamW's first step has the size of the learning rate. */
function useTrainingTricks() {
  const w = tf.variable(tf.scalar(1));
  const adam = adamw({ w }, { weightDecay: 0 });
  const average = ema({ w });
  const { gradients } = accumulateGradients({ x: tf.ones([4]) }, { steps: 2 }, ({ x }) => ({
    loss: tf.mean(tf.mul(x, tf.square(w))),
    gradients: { w: tf.mean(tf.mul(x, tf.mul(w, 2))) },
  }));
  const clipped = clipByGlobalNorm(gradients, { maxNorm: 1 });
  assert.equal(clipped.norm.dataSync()[0], 2);
  adam.applyGradients(clipped.gradients, 0.25);
  average.update();
  assert.ok(Math.abs(average.averages.w.dataSync()[0] - 0.75) < 1e-5);
  assert.equal(progressiveSize(9, { from: 16, to: 32, epochs: 10 }), 32);
  tf.dispose(w);
}

/** Descent along (2w - 6)^2 by steps of 0.1: from w = 1 with the gradient -16 to 2.6, so the losses are 16 and 0.64. */
async function trainCompiled() {
  const weight = tf.variable(tf.scalar(1));
  const step = await compile(
    ({ x }) => {
      const { value, grads } = tf.variableGrads(() =>
        tf.sum(tf.square(tf.sub(tf.mul(x, weight), 6))),
      );
      weight.assign(tf.sub(weight, tf.mul(Object.values(grads)[0], 0.1)));
      return { loss: value };
    },
    { inputs: { x: { shape: [1] } }, variables: [weight] },
  );
  assert.equal((await step.run({ x: [2] })).loss, 16);
  assert.ok(Math.abs((await step.run({ x: [2] })).loss - 0.64) < 1e-5);
  await step.dispose();
  weight.dispose();
}

/** An exported network says the same on TensorFlow's library and on tfjs's own backends. */
async function classify() {
  const network = resnet20d({ numClasses: 2 });
  const description = {
    ...{ model: 'resnet20d', classNames: ['cat', 'dog'], imageSize: 8, channels: 3 },
    ...{ evalResize: 8, interpolation: 'bilinear', antialias: true, exifOrientation: true },
    ...{ mean: [124, 116, 103], std: [58, 57, 57] },
  };
  await exportModel({ network, description, provenance: {} }, { output: 'exported', force: true });
  network.dispose();
  const data = Uint8Array.from({ length: 3 * 8 * 8 }, (_, i) => (i * i) % 256);
  const probabilities = [];
  for (const backend of ['wasm', 'cpu', 'tensorflow']) {
    await tf.setBackend(backend);
    const classifier = await loadClassifier('exported');
    const top = await classifier.classify({ data, width: 8, height: 8 });
    probabilities.push(top.find(({ name }) => name === 'cat').probability);
    classifier.dispose();
  }
  assert.equal(tf.getBackend(), 'tensorflow');
  for (const one of probabilities) assert.ok(Math.abs(one - probabilities[0]) < 1e-4);
}

/** The optional library is not installed here. */
async function usePretrained() {
  const model = resnet20d({ numClasses: 2 });
  const own = await model.toStateDict();
  assert.deepEqual(matchWeights(own, own).notes, []);
  model.dispose();
  const hub = openWeights('hf:timm/resnet18.a1_in1k');
  await assert.rejects(hub, /Run: npm install @huggingface\/hub/);
}

await tf.setBackend('cpu');
await usePretrained();
await useTricks();

const file = serializeSafetensors([['w', { dtype: 'F32', shape: [1], data: Float32Array.of(3) }]]);
assert.deepEqual(parseSafetensors(file).tensors.get('w')?.shape, [1]);
assert.equal(typeof openSafetensors, 'function');
assert.equal(typeof train, 'function');
assert.equal(typeof groupedOptimizer, 'function');

await registerTensorFlowBackend();
assert.equal(tf.getBackend(), 'tensorflow');
await useTricks();

const step = await compile(({ x }) => tf.sum(tf.square(x)), {
  inputs: { x: { shape: [3], dtype: 'float32' } },
});
assert.equal(await step.run({ x: [1, 2, 3] }), 14);
await step.dispose();
await trainCompiled();
await classify();
// A JPEG (a grey square of 8 pixels) and a PNG (one of 1 pixel): one through TensorFlow, one through sharp.
const pictures = {
  'cat/a.jpg':
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/ACv/2Q==',
  'dog/b.png':
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
};
for (const [path, base64] of Object.entries(pictures)) {
  mkdirSync(`photographs/train/${path.split('/')[0]}`, { recursive: true });
  await writeFileWhole(`photographs/train/${path}`, Buffer.from(base64, 'base64'));
}
const source = await imageFolder('photographs', { split: 'train' });
const decoder = await createImageDecoder({ size: { height: 4, width: 4 } });
const options = { decoder, place: randomResizedCrop({ size: 4 }), seed: 1, epoch: 0, batchSize: 2 };
for await (const { images, labels } of trainBatches(source, { ...options, stepsPerEpoch: 1 })) {
  assert.deepEqual([...labels].sort(), [0, 1]);
  assert.ok(images.length === 2 * 4 * 4 * 3 && images.every((value) => value === 128));
}
await decoder.dispose();
await source.close();

await writeFileWhole('summary.csv', 'epoch,eval_top1\n0,50\n');
assert.ok(existsSync(writeReport('.')));
console.log('every package works');
