// What tricks do to the gradients and the weights of a step, against what is computed by hand.

import { emaDecay } from '@bag-of-tricks/ema';
import { bceLoss } from '@bag-of-tricks/label-smoothing';
import type { Optimizer } from '@bag-of-tricks/optimizer';
import {
  type ConfiguredTrick,
  createTrainStep,
  disposeTricks,
  fromLayersModel,
  type LossFunction,
  type NamedParts,
  type Network,
  type TrainStepInputs,
} from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownBatches, smallModel } from '../../test/small-parts.ts';
import { traits, trickParts } from '../../test/trick-parts.ts';
import { parseConfig } from '../config/parse.ts';
import type { TrainConfigInput } from '../config/schema.ts';
import { amp, mixedPrecision } from './amp.ts';

let before: number;
beforeEach(async () => {
  await tf.setBackend('cpu');
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

type Values = Record<string, Float32Array>;

const read = (tensors: tf.NamedTensorMap): Values =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      tensor.dataSync().slice() as Float32Array,
    ]),
  );

const plain: TrainConfigInput = {
  dataset: 'synthetic',
  batchSize: 8,
  labelSmoothing: false,
  mixup: false,
};

interface Trained {
  readonly network: Network;
  readonly tricks: readonly NamedParts[];
  /** What the optimiser was given in each step. */
  readonly gradients: Values[];
  /** The scalars of each step. */
  readonly metrics: Record<string, number>[];
  /** Parameters and buffers after each step. */
  readonly weights: Values[];
  dispose(): void;
}

/** Takes steps of plain gradient descent on a network without batch norm, or with it. */
async function descend(
  changes: Omit<TrainConfigInput, 'dataset'>,
  {
    batchNorm = false,
    rate = 0.1,
    loss,
    change,
  }: {
    batchNorm?: boolean;
    rate?: number;
    loss?: LossFunction;
    change?: (trick: ConfiguredTrick) => ConfiguredTrick;
  } = {},
): Promise<Trained> {
  const model = smallModel({ dropout: 0, batchNorm });
  const network = fromLayersModel(model);
  const tricks = await trickParts(parseConfig({ ...plain, ...changes }), { network, change });
  const gradients: Values[] = [];
  const optimizer: Optimizer = {
    applyGradients(given, learningRate) {
      gradients.push(read(given));
      for (const variable of Object.values(network.parameters)) {
        variable.assign(tf.sub(variable, tf.mul(given[variable.name]!, learningRate)));
      }
    },
    getState: () => ({}),
    setState: () => {},
    dispose: () => {},
  };
  const step = createTrainStep({
    ...{ network, optimizer, tricks, numClasses: 4, pixels: traits },
    ...(loss && { loss }),
  });
  const [metrics, weights]: [Record<string, number>[], Values[]] = [[], []];
  for (const { images, labels } of ownBatches().batches) {
    tf.tidy(() => {
      const inputs = {
        images: tf.tensor4d(images, [8, 8, 8, 1], 'int32'),
        labels: tf.tensor1d(labels, 'int32'),
        learningRate: tf.scalar(rate),
      } as TrainStepInputs;
      const scalars = Object.entries(read(step(inputs) as tf.NamedTensorMap));
      metrics.push(Object.fromEntries(scalars.map(([name, values]) => [name, values[0]!])));
    });
    weights.push(read({ ...network.parameters, ...network.buffers }));
  }
  const dispose = () => {
    disposeTricks(tricks);
    model.dispose();
  };
  return { network, tricks, gradients, metrics, weights, dispose };
}

/** The largest difference between values of the same names. */
function distance(a: Values, b: Values): number {
  const names = Object.keys(a);
  expect(Object.values(b).map(({ length }) => length)).toEqual(
    names.map((name) => a[name]!.length),
  );
  const others = Object.values(b);
  return Math.max(
    ...names.flatMap((name, i) =>
      Array.from(a[name]!, (value, j) => Math.abs(value - others[i]![j]!)),
    ),
  );
}

const norm = (values: Values): number =>
  Math.hypot(...Object.values(values).flatMap((one) => Array.from(one)));

test('accumulated gradients of a network without batch norm are those of the whole batch', async () => {
  const whole = await descend({});
  for (const steps of [2, 8]) {
    const parts = await descend({ gradientAccumulation: { steps } });
    parts.gradients.forEach((one, i) => {
      expect(distance(one, whole.gradients[i]!)).toBeLessThan(1e-5);
      expect(parts.metrics[i]!.loss).toBeCloseTo(whole.metrics[i]!.loss!, 5);
      expect(parts.metrics[i]!.top1).toBeCloseTo(whole.metrics[i]!.top1!, 6);
    });
    expect(distance(parts.weights.at(-1)!, whole.weights.at(-1)!)).toBeLessThan(1e-5);
    parts.dispose();
  }
  whole.dispose();
});

test('with batch norm, whose statistics are those of a part, they are others', async () => {
  const whole = await descend({}, { batchNorm: true });
  const parts = await descend({ gradientAccumulation: { steps: 2 } }, { batchNorm: true });
  expect(distance(parts.gradients[0]!, whole.gradients[0]!)).toBeGreaterThan(1e-3);
  for (const one of [whole, parts]) one.dispose();
});

test('clipped gradients have the norm that was asked for, and the log has the one before', async () => {
  const free = await descend({});
  const norms = free.gradients.map(norm);
  const limit = Math.min(...norms) / 2;
  const clipped = await descend({ gradientClipping: { maxNorm: limit } });
  expect(clipped.metrics[0]!.gradNorm).toBeCloseTo(norms[0]!, 4);
  for (const one of clipped.gradients) expect(norm(one)).toBeCloseTo(limit, 4);
  const scaled = Object.fromEntries(
    Object.entries(free.gradients[0]!).map(([name, values]) => [
      name,
      values.map((value) => (value * limit) / norms[0]!),
    ]),
  );
  expect(distance(clipped.gradients[0]!, scaled)).toBeLessThan(1e-5);
  const wide = await descend({ gradientClipping: { maxNorm: 1000 } });
  expect(distance(wide.gradients.at(-1)!, free.gradients.at(-1)!)).toBeLessThan(1e-6);
  for (const one of [free, clipped, wide]) one.dispose();
});

test.each([true, false])(
  'the average of weights and running statistics is the formula over those of each step (warmup: %s)',
  async (warmup) => {
    const { network, tricks, weights, dispose } = await descend(
      { ema: { decay: 0.9, warmup } },
      { batchNorm: true },
    );
    const options = { decay: 0.9, warmup: warmup ? {} : null };
    let expected = weights[0]!;
    weights.forEach((now, k) => {
      const decay = emaDecay(k + 1, options);
      expected = Object.fromEntries(
        Object.entries(now).map(([name, values]) => [
          name,
          values.map((value, i) => decay * expected[name]![i]! + (1 - decay) * value),
        ]),
      );
    });
    const { weights: average } = tricks.find(({ name }) => name === 'ema')!;
    const all = { ...network.parameters, ...network.buffers };
    tf.tidy(() => average!.exchange());
    const averaged = read(all);
    tf.tidy(() => average!.exchange());
    expect(distance(averaged, expected)).toBeLessThan(1e-6);
    expect(distance(averaged, weights.at(-1)!)).toBeGreaterThan(1e-3);
    expect(read(all)).toEqual(weights.at(-1));
    dispose();
  },
);

test('another loss is differentiated in place of the cross-entropy', async () => {
  const bce = await descend({}, { loss: (targets, logits) => bceLoss(targets, logits), rate: 1 });
  const usual = await descend({}, { rate: 1 });
  expect(distance(bce.gradients[0]!, usual.gradients[0]!)).toBeGreaterThan(1e-3);
  expect(bce.metrics.at(-1)!.loss).toBeLessThan(bce.metrics[0]!.loss!);
  for (const one of [bce, usual]) one.dispose();
});

/** Mixed precision with its loss scale, but in float32, which is all that this backend has. */
function scalingAlone(trick: ConfiguredTrick): ConfiguredTrick {
  if (trick.definition !== amp.definition) return trick;
  const build: typeof amp.definition.build = ({ lossScale }) => {
    const probe = { dtype: 'bfloat16', native: 'fast', error: 0, timeOverFloat32: 1 } as const;
    const { gradients, state, dispose } = mixedPrecision({ dtype: 'bfloat16', lossScale }, probe);
    return { gradients: gradients!, state: state!, dispose: dispose! };
  };
  return { ...trick, definition: { ...amp.definition, build } };
}

test('the norm that gradients are clipped to is the one without the loss scale', async () => {
  const clipped = { gradientClipping: { maxNorm: 0.1 } };
  const plainly = await descend(clipped);
  const lossScale = { amp: { dtype: 'bfloat16', lossScale: 1024 } } as const;
  const scaled = await descend({ ...clipped, ...lossScale }, { change: scalingAlone });
  expect(scaled.metrics[0]).toHaveProperty('skipped', 0);
  scaled.metrics.forEach(({ gradNorm }, i) => {
    expect(gradNorm).toBeGreaterThan(0.1);
    expect(gradNorm! / plainly.metrics[i]!.gradNorm!).toBeCloseTo(1, 4);
  });
  for (const { dispose } of [plainly, scaled]) dispose();
});
