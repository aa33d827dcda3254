// Imports every package and uses one function of each, on the cpu backend and then on TensorFlow's library.
import assert from 'node:assert/strict';
import { allFinite } from '@bag-of-tricks/amp';
import { softTargets } from '@bag-of-tricks/distill';
import { compile } from '@bag-of-tricks/graph';
import { smoothLabels } from '@bag-of-tricks/label-smoothing';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { cosineDecay } from '@bag-of-tricks/lr-schedules';
import { setLearningRate } from '@bag-of-tricks/lr-schedules/tfjs';
import { mixup } from '@bag-of-tricks/mixup';
import { noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { resnet20d } from '@bag-of-tricks/resnet-variants';
import { parseSafetensors, serializeSafetensors } from '@bag-of-tricks/safetensors';
import { openSafetensors } from '@bag-of-tricks/safetensors/node';
import { train } from '@bag-of-tricks/trainer';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

async function useTricks() {
  const optimizer = tf.train.adam();
  setLearningRate(optimizer, cosineDecay({ peak: 0.4, steps: 100 })(50));
  assert.equal(Math.fround(optimizer.learningRate), Math.fround(0.2));

  const labels = smoothLabels(tf.tensor1d([1, 0], 'int32'), { numClasses: 2, epsilon: 0.2 });
  const images = tf.ones([2, 32, 32, 3]);
  const mixed = mixup(images, labels, { lambda: 0.5 });
  const model = resnet20d({ numClasses: 2 });
  const logits = model.apply(mixed.inputs, { training: false });
  const targets = softTargets(logits, { temperature: 2 });
  const sums = [...tf.sum(targets, 1).dataSync(), ...tf.sum(mixed.labels, 1).dataSync()];
  for (const sum of sums) assert.ok(Math.abs(sum - 1) < 1e-6);
  assert.equal(allFinite({ logits }).dataSync()[0], 1);
  const [decayed, notDecayed] = noBiasDecay(model.parameters);
  assert.ok(Object.keys(decayed.parameters).length < Object.keys(notDecayed.parameters).length);
  model.dispose();
}

await tf.setBackend('cpu');
await useTricks();

const file = serializeSafetensors([['w', { dtype: 'F32', shape: [1], data: Float32Array.of(3) }]]);
assert.deepEqual(parseSafetensors(file).tensors.get('w')?.shape, [1]);
assert.equal(typeof openSafetensors, 'function');
assert.equal(typeof train, 'function');

await registerTensorFlowBackend();
assert.equal(tf.getBackend(), 'tensorflow');
await useTricks();

const step = await compile(({ x }) => tf.sum(tf.square(x)), {
  inputs: { x: { shape: [3], dtype: 'float32' } },
});
assert.equal(await step.run({ x: [1, 2, 3] }), 14);
await step.dispose();
console.log('every package works');
