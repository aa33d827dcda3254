// Runs that start from trained weights.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel } from '@bag-of-tricks/resnet-variants';
import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
import type { StateDict } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { startHubOfConfig } from '../test/hub-of-config.ts';
import { arrays, stopAfter } from '../test/runs.ts';
import { withWeights } from './config/from-weights.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { fit, resumeTraining, train } from './fit.ts';
import { loadClassifier } from './inference/classifier.ts';
import { registerNetworks } from './networks.ts';
import { pretrained } from './pretrained.ts';
import { fineTuning } from './tricks/fine-tuning.ts';

const work = mkdtempSync(join(tmpdir(), 'pretrained-'));
const output = join(work, 'runs');
const weightsFolder = join(work, 'weights');
let trained: StateDict;

const classes = { numClasses: 4, trainSamples: 16, evalSamples: 8 };
/** Steps so small that the weights stay what they were. */
const still: TrainConfigInput = {
  ...{ dataset: 'synthetic', synthetic: { imageSize: 12, ...classes }, output },
  ...{ epochs: 1, batchSize: 8, evalBatchSize: 8, compile: false },
  learningRate: { base: 1e-12 },
  optimizer: { weightDecay: 0 },
};

async function writeWeights(folder: string, config: object): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const entries = Object.entries(trained).map(
    ([name, one]) => [name, { dtype: 'F32', ...one }] as const,
  );
  const counter = { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) } as const;
  const path = join(folder, 'model.safetensors');
  await writeSafetensors(path, [...entries, ['bn1.num_batches_tracked', counter]]);
  return folder;
}

const cfg = {
  ...{ input_size: [3, 16, 16], crop_pct: 0.8, license: 'mit' },
  ...{ mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.1] },
};
const config = { architecture: 'tiny18d', num_classes: 6, pretrained_cfg: cfg };

beforeAll(async () => {
  await registerTensorFlowBackend();
  const tiny = { layers: [1, 1], width: 4 };
  registerNetworks({
    names: () => ['tiny18d'],
    create: (_, options) => createModel('resnet18d', { ...options, ...tiny }),
  });
  const source = createModel('resnet18d', { ...tiny, numClasses: 6, seed: 1 });
  trained = await source.toStateDict();
  source.dispose();
  await writeWeights(weightsFolder, config);
});

const stateOf = (runFolder: string) =>
  JSON.parse(readFileSync(join(runFolder, 'checkpoints/last/state.json'), 'utf8'));

test('a run starts from the weights, with a head of its own, and sees images as they did', async () => {
  const lines: string[] = [];
  const { runFolder } = await train(
    { ...still, pretrained: weightsFolder },
    { onProgress: (line) => lines.push(line) },
  );
  expect(lines).toContain(
    `pretrained ${weightsFolder}: model tiny18d, imageSize 16, cropPct 0.8, mean 127.5 102 76.5, std 51 51 25.5`,
  );
  expect(lines).toContain(`pretrained ${weightsFolder}: loaded; fc is new: 4 classes instead of 6`);
  const saved = arrays(runFolder, 'model.safetensors');
  const kernel = 'layer2.0.conv2.weight';
  const distance = Math.max(
    ...saved[kernel]!.data.map((value, at) => Math.abs(value - trained[kernel]!.data[at]!)),
  );
  expect(distance).toBeLessThan(1e-6);
  expect(saved['fc.weight']!.shape).toEqual([4, 8]);
  const state = stateOf(runFolder);
  expect(state).toMatchObject({ imageShape: [16, 16, 3], mean: [127.5, 102, 76.5] });
  const provenance = {
    ...{ source: weightsFolder, license: 'mit' },
    files: [
      {
        path: join(weightsFolder, 'model.safetensors'),
        sha256: expect.stringMatching(/^[\da-f]{64}$/),
      },
    ],
  };
  expect(state.pretrained).toEqual(provenance);
  expect(JSON.parse(readFileSync(join(runFolder, 'env.json'), 'utf8')).pretrained).toEqual(
    provenance,
  );
});

test('a run goes on without the weights that it started from, and another starts from its own', async () => {
  const copy = await writeWeights(join(work, 'gone'), config);
  const { runFolder, finished } = await train(
    { ...still, pretrained: copy, epochs: 2 },
    stopAfter(1),
  );
  expect(finished).toBe(false);
  rmSync(copy, { recursive: true });
  expect((await resumeTraining(runFolder)).finished).toBe(true);
  expect(stateOf(runFolder).pretrained.source).toBe(copy);
  const lines: string[] = [];
  const next = { ...still, pretrained: runFolder };
  const { runFolder: second } = await train(next, { onProgress: (line) => lines.push(line) });
  // The same classes: the head stays.
  expect(lines).toContain(`pretrained ${runFolder}: loaded`);
  const [before, after] = [runFolder, second].map((run) => arrays(run, 'model.safetensors'));
  for (const [at, value] of before!['fc.weight']!.data.entries())
    expect(after!['fc.weight']!.data[at]).toBeCloseTo(value, 5);
});

test('fit takes a network that pretrained made, and what its weights say of images', async () => {
  const network = await pretrained(weightsFolder, { numClasses: 4 });
  const { dataset, synthetic } = still;
  const before = tf.memory().numTensors;
  const { runFolder } = await fit({
    ...{ network, dataset: dataset!, synthetic: synthetic!, output, epochs: 1, batchSize: 8 },
    ...{ evalBatchSize: 8, compile: false },
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(stateOf(runFolder)).toMatchObject({
    ...{ imageShape: [16, 16, 3], std: [51, 51, 25.5] },
    pretrained: { source: weightsFolder },
  });
  network.dispose();
});

test('what the caller set stays, and the crop of an evaluation is that of the weights', async () => {
  const given = { ...still, pretrained: weightsFolder, model: 'resnet20d' };
  const input = { imageSize: 32, mean: [1, 2, 3] };
  const filled = await withWeights({ ...given, input });
  expect(filled).toMatchObject({
    model: 'resnet20d',
    input: { ...input, cropPct: 0.8, std: [51, 51, 25.5] },
  });
});

test('one number of a config.json for mean or deviation holds for each colour', async () => {
  const one = { ...cfg, std: [0.2] };
  const path = await writeWeights(join(work, 'one'), { ...config, pretrained_cfg: one });
  const filled = await withWeights({ ...still, pretrained: path });
  expect(filled).toMatchObject({ input: { mean: [127.5, 102, 76.5], std: [51, 51, 51] } });
});

test('a head that is new is not frozen', async () => {
  const given = { ...still, pretrained: weightsFolder, output: join(work, 'frozen') };
  await expect(train({ ...given, fineTuning: { freeze: ['stem', 'head'] } })).rejects.toThrow(
    /fineTuning\.freeze: expected nothing of fc, which is new and has learned nothing, got fc\.weight and fc\.bias\. Leave the head out/,
  );
  const network = await pretrained(weightsFolder, { numClasses: 4 });
  const { dataset, synthetic } = still;
  const frozen = {
    ...{ network, epochs: 1, batchSize: 8, evalBatchSize: 8, compile: false },
    dataset: dataset!,
    synthetic: synthetic!,
    output: join(work, 'frozen'),
  };
  const tricks = [fineTuning({ freeze: ['fc'] })];
  await expect(fit({ ...frozen, tricks })).rejects.toThrow('which is new');
  network.dispose();
});

test('what weights do not say of images is taken as usual for the dataset, and said once', async () => {
  const bare = { architecture: 'tiny18d', pretrained_cfg: { std: cfg.std } };
  const path = await writeWeights(join(work, 'bare'), bare);
  const lines: string[] = [];
  const onProgress = (line: string) => lines.push(line);
  const folder = { dataset: 'folder', dataDir: work, pretrained: path };
  const filled = await withWeights(folder, { onProgress });
  const assumed = { imageSize: 224, mean: [123.68, 116.779, 103.939] };
  expect(filled.input).toEqual({ ...assumed, std: [51, 51, 25.5] });
  expect(lines).toEqual([
    `pretrained ${path}: model tiny18d, std 51 51 25.5`,
    expect.stringMatching(
      /bare: nothing says imageSize 224, mean 123\.68 116\.779 103\.939: taken as usual for the dataset folder\. Set what the weights saw/,
    ),
  ]);
  await withWeights(filled, { onProgress });
  expect(lines).toHaveLength(2);
  const given = { imageSize: 16, mean: [1, 2, 3] };
  await withWeights({ ...folder, input: given }, { onProgress });
  expect(lines.slice(2)).toEqual([lines[0]]);
});

test('for grey images mean and deviation are averaged over the colours', async () => {
  const synthetic = { imageSize: 12, channels: 1, ...classes } as const;
  const lines: string[] = [];
  const onProgress = (line: string) => lines.push(line);
  const { runFolder } = await train(
    { ...still, synthetic, pretrained: weightsFolder },
    { onProgress },
  );
  const { mean, std } = stateOf(runFolder);
  expect(mean[0]).toBeCloseTo(102);
  expect(std[0]).toBeCloseTo(42.5);
  expect(lines.at(-1)).toMatch(
    /conv1\.0\.weight is summed over red, green and blue, for grey images$/,
  );
});

test.each([
  [
    'vit_base',
    /of-vit_base: expected those of a network that is known by name, got 'vit_base'\. Give its name by --model$/,
  ],
  [
    undefined,
    /expected those of a network that is known by name, nothing says which\. Give its name by --model/,
  ],
])('weights of the network %s ask for its name', async (architecture, message) => {
  const path = await writeWeights(join(work, `of-${architecture}`), { ...config, architecture });
  await expect(train({ ...still, pretrained: path })).rejects.toThrow(message);
});

test('names of other classes than the weights have are refused alike by a training and a prediction', async () => {
  const label_names = ['a', 'b', 'c', 'd', 'e'];
  const path = await writeWeights(join(work, 'names'), { ...config, label_names });
  const refused =
    'label_names of the config.json: expected the names of 6 classes, got 5. Give one name a class, or none';
  await expect(train({ ...still, pretrained: path })).rejects.toThrow(refused);
  await expect(pretrained(path)).rejects.toThrow(refused);
  await expect(loadClassifier(path)).rejects.toThrow(refused);
  const classNames = [...label_names, 'f'];
  const classifier = await loadClassifier(path, { classNames });
  expect(classifier.description).toMatchObject({ classNames });
  await classifier.dispose();
});

test('of the hub, weights of a network that nobody knows are not fetched', async () => {
  const vit = { architecture: 'vit_base_patch16_224', num_classes: 1000 };
  const hub = await startHubOfConfig('timm/vit', vit);
  vi.stubEnv('HF_ENDPOINT', hub.hubUrl);
  vi.stubEnv('HF_HUB_CACHE', mkdtempSync(join(work, 'hub-')));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    hub.close();
  });
  const source = 'hf:timm/vit';
  const refused = `weights ${source}@${hub.commit}: expected those of a network that is known by name, got 'vit_base_patch16_224'. `;
  const byModel = `${refused}Give its name by --model`;
  await expect(train({ ...still, pretrained: source })).rejects.toThrow(byModel);
  await expect(pretrained(source)).rejects.toThrow(byModel);
  await expect(loadClassifier(source)).rejects.toThrow(`${refused}Put the name in front`);
  expect(hub.requests.some((path) => path.endsWith('/config.json'))).toBe(true);
  expect(hub.requests.filter((path) => path.includes('safetensors'))).toEqual([]);
});

test('weights of another network begin no run', async () => {
  const given = { ...still, output: join(work, 'none'), pretrained: weightsFolder };
  await expect(train({ ...given, model: 'resnet20d' })).rejects.toThrow(
    /do not fit resnet20d: .*\n {2}missing: conv1\.weight.*\n {2}unexpected: conv1\.0\.weight/,
  );
  expect(readdirSync(work)).not.toContain('none');
});
