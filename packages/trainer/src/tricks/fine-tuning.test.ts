import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { resnet } from '@bag-of-tricks/resnet-variants';
import {
  createTrainStep,
  fromLayersModel,
  type Network,
  type TrainStepInputs,
} from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { arrays, losses, stopAfter, weights } from '../../test/runs.ts';
import { smallModel } from '../../test/small-parts.ts';
import { parseConfig } from '../config/parse.ts';
import { builtIn, type TrainConfigInput, tricksOf } from '../config/schema.ts';
import { fit, resumeTraining, train } from '../fit.ts';
import { createNetwork } from '../networks.ts';
import { fineTuning } from './fine-tuning.ts';
import { buildOptimizer, rateFactorsOf, trainedPart } from './recipe.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/fine-tuning.json', import.meta.url), 'utf8'),
);

const shape = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 1 } as const;
const output = mkdtempSync(join(tmpdir(), 'fine-tuning-'));

beforeAll(async () => {
  await registerTensorFlowBackend();
});

/** The factors of the trick, and those without a network. */
const factorsOf = (network: Network, settings: Parameters<typeof fineTuning>[0]) =>
  rateFactorsOf(network, [fineTuning(settings)]);

test.each(Object.keys(golden.factors))("layer-wise decay has timm's factors: %s", (name) => {
  const network = createNetwork(name, shape);
  const factors = factorsOf(network, { layerDecay: golden.layerDecay });
  expect(Object.keys(factors)).toEqual(Object.keys(golden.factors[name]));
  for (const [key, factor] of Object.entries<number>(golden.factors[name])) {
    expect(factors[key], key).toBeCloseTo(factor, 12);
  }
  network.dispose();
});

test('a pattern is a stage, a module, or names with * for any text', () => {
  const network = createNetwork('resnet18d', shape);
  const frozen = (...freeze: string[]) =>
    Object.entries(factorsOf(network, { freeze })).flatMap(([name, factor]) =>
      factor === 0 ? name : [],
    );
  const below = (prefix: string) =>
    Object.keys(network.parameters).filter((name) => name.startsWith(prefix));
  expect(frozen('stem')).toEqual([...below('conv1'), ...below('bn1')]);
  expect(frozen('stage2')).toEqual(below('layer2.'));
  expect(frozen('layer2')).toEqual(below('layer2.'));
  expect(frozen('layer2.1.conv1', 'head')).toEqual(['layer2.1.conv1.weight', ...below('fc.')]);
  expect(frozen('layer4.*.bn1.weight')).toEqual(['layer4.0.bn1.weight', 'layer4.1.bn1.weight']);
  expect(() => frozen('stage9')).toThrow(
    /expected a stage \(stem, stage1, .*, head\) or a pattern .*, got 'stage9', which means no parameter/,
  );
  expect(() => frozen('layer.', 'stem')).toThrow(/got 'layer\.'/);
  expect(() => frozen('*')).toThrow(/expected something that is left to train, got \*/);
  network.dispose();
});

test('a network that does not say its groups is refused, and told what to do', () => {
  const network = fromLayersModel(smallModel(), { name: 'mine' });
  expect(() => factorsOf(network, { layerDecay: 0.5 })).toThrow(
    /expected a network that says its groups .* got mine, .* layer\.trainable = false/,
  );
  network.dispose();
});

/** `sin(step * i + phase)`, as the generator of the golden numbers makes weights and images. */
const wave = (shape: readonly number[], step: number, phase: number) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
    Math.sin(step * i + phase),
  );

function startOf(name: string, shape: readonly number[]): Float32Array {
  if (name.includes('running_mean')) return wave(shape, 0.7, 1).map((x) => 0.1 * x);
  if (name.includes('running_var') || (shape.length === 1 && name.endsWith('.weight')))
    return wave(shape, 0.9, 2).map((x) => 1 + 0.2 * x);
  if (shape.length === 1) return wave(shape, 1.1, 3).map((x) => 0.1 * x);
  const inputs = shape.slice(1).reduce((a, b) => a * b, 1);
  return wave(shape, 1.7, 4).map((x) => x * Math.sqrt(4 / inputs));
}

async function waveNetwork(): Promise<Network> {
  const network = resnet({ depth: 10, numClasses: 4 });
  const dict = Object.entries(await network.toStateDict()).map(([name, { shape }]) => {
    return [name, { shape, data: startOf(name, shape) }] as const;
  });
  network.loadStateDict(Object.fromEntries(dict));
  return network as Network;
}

describe.each(['sgd', 'adamw'] as const)('steps of %s', (name) => {
  test('with frozen layers and batch norms, layer-wise decay and a faster head are those of PyTorch', async () => {
    const whole = await waveNetwork();
    const { layerDecay, headFactor, freeze: frozen, rate } = golden;
    const config = parseConfig({
      ...{ dataset: 'synthetic', fineTuning: { layerDecay, headFactor, freeze: frozen } },
      optimizer: { name, weightDecay: 0.01, epsilon: 1e-3 },
    });
    const tricks = tricksOf(config, builtIn);
    const network = trainedPart(whole, tricks);
    const optimizer = buildOptimizer(network, config, tricks);
    const before = await whole.toStateDict!();
    const step = createTrainStep({ network, optimizer, numClasses: 4 });
    const images = tf.tensor4d(wave([4, 32, 32, 3], 0.13, 0), [4, 32, 32, 3]);
    const labels = tf.tensor1d([0, 1, 2, 3], 'int32');
    const { losses: expected, state } = golden.runs[name];
    for (const loss of expected) {
      const learningRate = tf.scalar(rate);
      expect(step({ images, labels, learningRate }).loss.dataSync()[0]! / loss).toBeCloseTo(1, 3);
    }
    const after = await whole.toStateDict!();
    for (const [key, [norm, first, last]] of Object.entries<number[]>(state)) {
      const { data } = after[key]!;
      const tolerance = key.includes('running') ? 3e-3 : 1e-4;
      const near = (value: number, golden: number) =>
        expect(Math.abs(value - golden), key).toBeLessThan(
          tolerance * Math.max(1, Math.abs(golden)),
        );
      near(Math.sqrt(Array.from(data).reduce((sum, x) => sum + x * x, 0)), norm!);
      near(data[0]!, first!);
      near(data.at(-1)!, last!);
    }
    const isFrozen = /^(conv1|bn1|layer1|layer3\.0\.bn1|layer4\.0\.conv2)\./;
    for (const key of Object.keys(after)) {
      const moved = after[key]!.data.join() !== before[key]!.data.join();
      expect(moved, key).toBe(!isFrozen.test(key));
    }
    whole.dispose();
    optimizer.dispose();
  });
});

test('the step has no backward pass below the first layer that is trained', async () => {
  const backward = async (...freeze: string[]) => {
    const config = parseConfig({ dataset: 'synthetic', fineTuning: { freeze } });
    const tricks = tricksOf(config, builtIn);
    const whole = createNetwork('resnet20d', shape);
    const network = trainedPart(whole, tricks);
    const optimizer = buildOptimizer(network, config, tricks);
    const step = createTrainStep({ network, optimizer, numClasses: 4 });
    const compiled = await compile((at: TrainStepInputs) => step(at).loss, {
      inputs: {
        images: { shape: [2, 8, 8, 3] },
        labels: { shape: [2], dtype: 'int32' },
        learningRate: { shape: [] },
      },
    });
    const graph = Buffer.from(await compiled.graphDef()).toString('latin1');
    compiled.dispose();
    optimizer.dispose();
    whole.dispose();
    const ops = ['Conv2DBackpropFilter', 'Conv2DBackpropInput', 'FusedBatchNormGradV3'];
    return ops.map((op) => graph.split(`\x12${String.fromCharCode(op.length)}${op}`).length - 1);
  };
  // 21 convolutions, two of them 1x1, whose filter gradients are matrix products; nobody asks for the gradient of the images.
  expect(await backward()).toEqual([19, 20, 21]);
  // Stage 3 has seven, two of which begin it. What is frozen above a layer that is trained passes its gradient on.
  expect(await backward('stem', 'stage1', 'stage2')).toEqual([6, 5, 7]);
  expect(await backward('stem', 'stage1', 'stage2', 'layer3.1')).toEqual([4, 5, 7]);
});

/** Six steps of ResNet-20-D, the first half of it frozen. */
const tuning = (experiment: string, changes: Partial<TrainConfigInput> = {}): TrainConfigInput => ({
  ...{ model: 'resnet20d', dataset: 'synthetic', epochs: 2, batchSize: 8, evalBatchSize: 10 },
  synthetic: { imageSize: 8, channels: 3, numClasses: 4, trainSamples: 24, evalSamples: 10 },
  fineTuning: { freeze: ['stem', 'stage1', 'layer3.*.bn1'], headFactor: 5, layerDecay: 0.8 },
  ema: { decay: 0.9 },
  learningRate: { base: 0.05 },
  ...{ output, experiment },
  ...changes,
});

const files = ['model', 'model-ema', 'optimizer', 'tricks'].map((name) => `${name}.safetensors`);

describe('a run that fine-tunes', () => {
  test('leaves what is frozen bit for bit as it was, its statistics too', async () => {
    const network = createNetwork('resnet20d', { ...shape, seed: 42 });
    const before = await network.toStateDict!();
    const { runFolder } = await fit({
      ...{ network, dataset: 'synthetic', epochs: 1, batchSize: 8, output, experiment: 'frozen' },
      synthetic: { imageSize: 8, channels: 3, numClasses: 4, trainSamples: 24, evalSamples: 10 },
      tricks: [fineTuning({ freeze: ['stem', 'layer1'] })],
    });
    const after = weights(runFolder);
    for (const [name, { data }] of Object.entries(before)) {
      const same = data.join() === after.get(name)!.join();
      expect(same, name).toBe(/^(conv1|bn1|layer1)\./.test(name));
    }
    const slots = Object.keys(arrays(runFolder, 'optimizer.safetensors'));
    expect(slots.filter((name) => /^(conv1|bn1|layer1)\./.test(name))).toEqual([]);
    network.dispose();
  });

  test('goes on bit for bit where it was interrupted, and is the same op by op', async () => {
    const whole = await train(tuning('whole'));
    const cut = await train(tuning('cut'), stopAfter(4));
    await resumeTraining(cut.runFolder);
    for (const file of files) {
      expect(arrays(cut.runFolder, file), file).toEqual(arrays(whole.runFolder, file));
    }
    const eager = await train(tuning('eager', { compile: false }));
    losses(eager.runFolder).forEach((loss, i) => {
      expect(loss / losses(whole.runFolder)[i]!).toBeCloseTo(1, 3);
    });
  });

  test('refuses an optimiser whose rates are its own', async () => {
    const network = createNetwork('resnet20d', shape);
    const config = parseConfig({ dataset: 'synthetic' });
    const optimizer = buildOptimizer(network, config, []);
    const given = { network, optimizer, tricks: [fineTuning({ freeze: ['stem'] })], output };
    const settings = { dataset: 'synthetic', synthetic: { imageSize: 8, numClasses: 4 } } as const;
    await expect(fit({ ...given, ...settings })).rejects.toThrow(
      /optimizer: expected one of ours \(sgd, adamw\) where a trick freezes parameters/,
    );
    optimizer.dispose();
    network.dispose();
  });
});
