// The tricks in tfjs's own model.fitDataset, as the READMEs show them, against a hand-written loop; and a model saved in between.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { adamw, noBiasDecay, toTfjsOptimizer } from '@bag-of-tricks/adamw';
import { cutmix } from '@bag-of-tricks/cutmix';
import { smoothLabels, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { cosineDecay, withWarmup } from '@bag-of-tricks/lr-schedules';
import { scheduleCallback } from '@bag-of-tricks/lr-schedules/tfjs';
import { mixup } from '@bag-of-tricks/mixup';
import { nesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import { seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

beforeAll(() => tf.setBackend('cpu'));

const [batchSize, batches, epochs] = [4, 3, 2];

const newModel = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        inputShape: [6, 6, 3],
        kernelInitializer: tf.initializers.heNormal({ seed: 1 }),
      }),
      tf.layers.batchNormalization({ axis: -1 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 5, kernelInitializer: tf.initializers.heNormal({ seed: 2 }) }),
    ],
  });

const variablesOf = (model: tf.LayersModel): tf.Variable[] =>
  model.trainableWeights.map((weight) => weight.read() as tf.Variable);
const valuesOf = (model: tf.LayersModel) =>
  variablesOf(model).flatMap((variable) => [...variable.dataSync()]);

const expectClose = (values: readonly number[], expected: readonly number[]) => {
  for (const [i, value] of values.entries()) {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
  }
};

type Batch = { xs: tf.Tensor4D; ys: tf.Tensor1D };
type Mix = (
  inputs: tf.Tensor4D,
  labels: tf.Tensor,
  options: { alpha: number; random: () => number },
) => { inputs: tf.Tensor4D; labels: tf.Tensor2D };

test.each<[string, typeof nesterovSgd | typeof adamw, Mix, number]>([
  ['nesterovSgd and mixup', nesterovSgd, mixup, 0.1],
  ['adamw and cutmix', adamw, cutmix, 0.01],
])(
  '%s with smoothed labels and a schedule train as in a loop of ours, and nothing leaks',
  async (_, optimizerOf, mix, peak) => {
    const before = tf.memory().numTensors;
    const schedule = withWarmup(cosineDecay({ peak, steps: 4 }), { steps: 2 });
    const images = tf.randomNormal([batchSize * batches, 6, 6, 3], 0, 1, 'float32', 3);
    const labels = tf.tensor1d([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1], 'int32');
    const batchOf = (step: number): Batch => {
      const start = (step % batches) * batchSize;
      return {
        xs: tf.slice(images, start, batchSize) as tf.Tensor4D,
        ys: tf.slice(labels, start, batchSize),
      };
    };
    const preparing = (random: () => number) => (batch: Batch) => {
      const targets = smoothLabels(batch.ys, { epsilon: 0.1, numClasses: 5 });
      const { inputs, labels } = mix(batch.xs, targets, { alpha: 1, random });
      return { xs: inputs, ys: labels };
    };

    const [model, twin] = [newModel(), newModel()];
    const initial = valuesOf(model);
    const optimizer = toTfjsOptimizer((parameters) => optimizerOf(noBiasDecay(parameters)), {
      learningRate: peak,
    });
    model.compile({ optimizer, loss: (ys, logits) => softmaxCrossEntropy(ys, logits) });
    const dataset = tf.data
      .generator(function* () {
        for (let step = 0; step < batches; step++) yield batchOf(step);
      })
      .map(preparing(seededRandom(7)));
    await model.fitDataset(dataset, {
      epochs,
      verbose: 0,
      callbacks: scheduleCallback(schedule, optimizer),
    });

    const own = optimizerOf(
      noBiasDecay(Object.fromEntries(variablesOf(twin).map((one) => [one.name, one]))),
    );
    const prepare = preparing(seededRandom(7));
    for (let step = 0; step < batches * epochs; step++) {
      tf.tidy(() => {
        const { xs, ys } = prepare(batchOf(step));
        const f = () =>
          softmaxCrossEntropy(ys, twin.apply(xs, { training: true }) as tf.Tensor) as tf.Scalar;
        own.minimize(f, schedule(step));
      });
    }
    const [values, expected] = [model, twin].map(valuesOf);
    expectClose(values!, expected!);
    expect(values).not.toEqual(initial);

    tf.dispose([images, labels]);
    for (const one of [model, twin, optimizer, own]) one.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

test.each([
  ['nesterovSgd', nesterovSgd, 0.1],
  ['adamw', adamw, 0.01],
] as const)(
  'a model trained by %s goes on from file:// where it was, and no native handle leaks',
  async (name, optimizerOf, learningRate) => {
    const { nativeHandleCount } = await registerTensorFlowBackend();
    const before = [tf.memory().numTensors, nativeHandleCount()];
    const folder = mkdtempSync(join(tmpdir(), 'model-fit-'));
    const url = pathToFileURL(join(folder, name)).href;
    const xs = tf.randomNormal([8, 6, 6, 3], 0, 1, 'float32', 3);
    const ys = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 0, 1, 2], 'int32'), 5));
    const loss = 'meanSquaredError';
    const fitting = { batchSize, epochs, shuffle: false, verbose: 0 } as const;

    const model = newModel();
    const optimizer = toTfjsOptimizer((parameters) => optimizerOf(noBiasDecay(parameters)), {
      learningRate,
      name,
    });
    model.compile({ optimizer, loss });
    await model.fit(xs, ys, fitting);
    await model.save(url, { includeOptimizer: true });
    const loaded = await tf.loadLayersModel(`${url}/model.json`);
    for (const one of [model, loaded]) await one.fit(xs, ys, fitting);
    expect(loaded.optimizer.iterations).toBe(8);
    expectClose(valuesOf(loaded), valuesOf(model));

    for (const one of [model, loaded]) {
      one.optimizer.dispose();
      one.dispose();
    }
    tf.dispose([xs, ys]);
    rmSync(folder, { recursive: true });
    expect([tf.memory().numTensors, nativeHandleCount()]).toEqual(before);
  },
);
