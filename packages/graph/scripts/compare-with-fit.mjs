// How much faster the two examples of the README train compiled than eagerly, on this machine.
// Run `node packages/graph/scripts/compare-with-fit.mjs` after a build: it prints the README's table.
import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';

await registerTensorFlowBackend();
const rounds = 7;
const batchSize = 32;
const batches = 40;
const images = tf.randomUniform([batches * batchSize, 28, 28, 1]);
const labels = tf.randomUniform([batches * batchSize], 0, 10, 'int32');
const targets = tf.cast(tf.oneHot(labels, 10), 'float32');
const imageValues = images.dataSync();
const labelValues = labels.dataSync();

function sequential() {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.batchNormalization(),
      tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10 }),
    ],
  });
}

const inputs = {
  images: { shape: [batchSize, 28, 28, 1] },
  labels: { shape: [batchSize], dtype: 'int32' },
};

/** One epoch of a compiled step, fed from JavaScript's memory. */
async function epoch(step) {
  for (let i = 0; i < batches; i++) {
    await step.run({
      images: imageValues.subarray(i * batchSize * 784, (i + 1) * batchSize * 784),
      labels: labelValues.subarray(i * batchSize, (i + 1) * batchSize),
    });
  }
}

async function layersModel() {
  const fitted = sequential();
  fitted.compile({
    optimizer: tf.train.adam(),
    loss: (y, logits) => tf.losses.softmaxCrossEntropy(y, logits),
  });
  const model = sequential();
  const optimizer = tf.train.adam();
  const step = await compile(
    ({ images, labels }) =>
      optimizer.minimize(
        () =>
          tf.losses.softmaxCrossEntropy(
            tf.oneHot(labels, 10),
            model.apply(images, { training: true }),
          ),
        true,
      ),
    { inputs },
  );
  const fit = () => fitted.fit(images, targets, { batchSize, epochs: 1, verbose: 0 });
  return compare('`tf.sequential`: 2 convolutions, batch norm, dense; Adam', fit, () =>
    epoch(step),
  );
}

async function handWritten() {
  const variables = () => ({
    hidden: tf.variable(tf.randomNormal([784, 128], 0, 0.05)),
    bias: tf.variable(tf.zeros([128])),
    output: tf.variable(tf.randomNormal([128, 10], 0, 0.05)),
  });
  const trainer = ({ hidden, bias, output }) => {
    const optimizer = tf.train.momentum(0.05, 0.9);
    return ({ images, labels }) =>
      tf.tidy(() =>
        optimizer.minimize(
          () => {
            const x = tf.reshape(images, [-1, 784]);
            const logits = tf.matMul(tf.relu(tf.add(tf.matMul(x, hidden), bias)), output);
            return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 10), logits);
          },
          true,
          [hidden, bias, output],
        ),
      );
  };
  const eager = trainer(variables());
  const step = await compile(trainer(variables()), { inputs });
  const eagerEpoch = async () => {
    for (let i = 0; i < batches; i++) {
      const loss = tf.tidy(() =>
        eager({
          images: tf.slice(images, i * batchSize, batchSize),
          labels: tf.slice(labels, i * batchSize, batchSize),
        }),
      );
      await loss.data();
      loss.dispose();
    }
  };
  return compare('hand-written: two dense layers; momentum', eagerEpoch, () => epoch(step));
}

/** Runs both in turn and returns the median of each, and of the ratio. */
async function compare(name, eager, compiled) {
  const times = [];
  for (let round = -1; round < rounds; round++) {
    const pair = [];
    for (const run of [eager, compiled]) {
      const start = performance.now();
      await run();
      pair.push((performance.now() - start) / batches);
    }
    if (round >= 0) times.push(pair);
  }
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const [before, after] = [0, 1].map((i) => median(times.map((pair) => pair[i])));
  const ratio = median(times.map(([a, b]) => a / b));
  console.log(`| ${name} | ${before.toFixed(2)} | ${after.toFixed(2)} | ${ratio.toFixed(1)} |`);
}

console.log('| model | eager, ms a step | compiled, ms a step | ratio |\n|---|---|---|---|');
await layersModel();
await handWritten();
