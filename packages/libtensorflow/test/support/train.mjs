// Trains a small convolutional network with batch norm and momentum on the built package, and prints
// what there is to know of it as JSON. Arguments: steps before the first measurement, and after it.
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';

const [warmUp, steps] = process.argv.slice(2).map(Number);
const { nativeHandleCount } = await registerTensorFlowBackend();

const batch = 32;
const classes = 4;
const weights = [
  tf.variable(tf.randomNormal([3, 3, 3, 16], 0, 0.2, 'float32', 1)),
  tf.variable(tf.ones([16])),
  tf.variable(tf.zeros([16])),
  tf.variable(tf.randomNormal([3, 3, 16, 32], 0, 0.1, 'float32', 2)),
  tf.variable(tf.ones([32])),
  tf.variable(tf.zeros([32])),
  tf.variable(tf.randomNormal([32, classes], 0, 0.1, 'float32', 3)),
  tf.variable(tf.zeros([classes])),
];
const velocities = weights.map((weight) => tf.variable(tf.zerosLike(weight), false));
const batchNorm = (x, scale, offset) =>
  tf
    .engine()
    .runKernel('FusedBatchNormV3', { x, scale, offset }, { epsilon: 1e-5, training: true })[0];

function network(images) {
  const [w1, scale1, offset1, w2, scale2, offset2, dense, bias] = weights;
  const first = tf.relu(batchNorm(tf.conv2d(images, w1, 1, 'same'), scale1, offset1));
  const second = batchNorm(
    tf.conv2d(tf.maxPool(first, 2, 2, 'same'), w2, 1, 'same'),
    scale2,
    offset2,
  );
  const shortcut = tf.concat([tf.maxPool(first, 2, 2, 'same'), tf.avgPool(first, 2, 2, 'same')], 3);
  return tf.add(tf.matMul(tf.mean(tf.relu(tf.add(second, shortcut)), [1, 2]), dense), bias);
}

/** The class is the quarter of the image that is bright. */
function examples(step) {
  const labels = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => (i * 7 + step) % classes),
    'int32',
  );
  const bright = tf.reshape(tf.oneHot(labels, classes), [batch, 2, 2, 1]);
  const noise = tf.randomNormal([batch, 16, 16, 3], 0, 0.5, 'float32', step + 1);
  const images = tf.add(
    noise,
    tf.image.resizeNearestNeighbor(tf.cast(bright, 'float32'), [16, 16]),
  );
  return { images, labels: tf.cast(tf.oneHot(labels, classes), 'float32') };
}

function train(step) {
  return tf.tidy(() => {
    const { images, labels } = examples(step);
    const { value, grads } = tf.variableGrads(() => {
      const inputs = { logits: network(images), labels };
      return tf.mean(tf.engine().runKernel('SoftmaxCrossEntropyWithLogits', inputs)[0]);
    });
    weights.forEach((weight, i) => {
      velocities[i].assign(tf.add(tf.mul(velocities[i], 0.9), grads[weight.name]));
      weight.assign(tf.sub(weight, tf.mul(velocities[i], 0.02)));
    });
    return value.dataSync()[0];
  });
}

function measure() {
  globalThis.gc?.();
  return {
    tensors: tf.memory().numTensors,
    handles: nativeHandleCount(),
    rss: process.memoryUsage().rss,
  };
}

const losses = [];
for (let step = 0; step < warmUp; step++) losses.push(train(step));
const before = measure();
for (let step = warmUp; step < warmUp + steps; step++) losses.push(train(step));
console.log(JSON.stringify({ losses, before, after: measure() }));
