import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createModel, type ResNet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { loadWeights, openWeights } from './index.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Two images, and the logits that timm computes of them. */
const golden = JSON.parse(readFileSync(fixture('logits.json'), 'utf8')) as {
  readonly images: number[];
  readonly shape: [number, number, number, number];
  readonly logits: number[][];
  readonly greyLogits: number[][];
};

/** The network of the fixtures; another one has a name of its own. */
const network = (options: object = {}, name = 'resnet18d') =>
  createModel(name, { layers: [1, 1, 1, 1], width: 4, numClasses: 5, seed: 3, ...options });

const logitsOf = (model: ResNet, channels = 3) =>
  tf.tidy(() => {
    const images = tf
      .tensor4d(golden.images, golden.shape)
      .slice([0, 0, 0, 0], [-1, -1, -1, channels]);
    return model.apply(images as tf.Tensor4D, { training: false }).arraySync();
  });

function expectClose(actual: number[][], expected: number[][], tolerance: number): void {
  const size = Math.max(...expected.flat().map(Math.abs));
  for (const [index, value] of actual.flat().entries())
    expect(Math.abs(value - expected.flat()[index]!) / size).toBeLessThan(tolerance);
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each([
  ['timm', 1e-5],
  ['timm/model.safetensors', 1e-5],
  ['sharded', 1e-5],
  ['sharded/model.safetensors.index.json', 1e-5],
  // float16 weights, which the names of DataParallel stand in front of.
  ['half.safetensors', 5e-3],
])('the weights of %s give the logits that timm computes', async (name, tolerance) => {
  const model = network();
  const { notes } = await loadWeights(model, await openWeights(fixture(name)));
  expect(notes).toEqual([]);
  expectClose(logitsOf(model), golden.logits, tolerance);
  model.dispose();
});

test('the weights for colours, summed over them, give on grey images what timm computes by its rule', async () => {
  const model = network({ inputChannels: 1 });
  const { notes } = await loadWeights(model, await openWeights(fixture('timm')));
  expect(notes).toEqual(['conv1.0.weight is summed over red, green and blue, for grey images']);
  expectClose(logitsOf(model, 1), golden.greyLogits, 1e-5);
  model.dispose();
});

test('config.json says what timm knows of the weights', async () => {
  const weights = await openWeights(fixture('timm'));
  expect(weights).toMatchObject({
    architecture: 'resnet18d',
    numClasses: 5,
    classNames: null,
    license: 'apache-2.0',
    input: { imageSize: 224, channels: 3, interpolation: 'bicubic', cropPct: 0.875 },
  });
  expect(weights.input.mean).toEqual([0.485 * 255, 0.456 * 255, 0.406 * 255]);
  expect(weights.input.std).toEqual([0.229 * 255, 0.224 * 255, 0.225 * 255]);
});

test('the provenance names every file with the SHA-256 that sha256sum prints', async () => {
  const { provenance } = await (await openWeights(fixture('sharded'))).read();
  expect(provenance.files.map(({ path }) => path.split('/').at(-1))).toEqual([
    ...[1, 2, 3].map((n) => `model-0000${n}-of-00003.safetensors`),
  ]);
  const { createHash } = await import('node:crypto');
  for (const { path, sha256 } of provenance.files)
    expect(sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  expect(provenance).toMatchObject({ source: fixture('sharded'), license: 'apache-2.0' });
});

test('another number of classes keeps the network’s own head, which the seed decides, and loads the rest', async () => {
  const [model, fresh] = [network({ numClasses: 3 }), network({ numClasses: 3 })];
  const { notes } = await loadWeights(model, await openWeights(fixture('timm')));
  expect(notes).toEqual(['fc is new: 3 classes instead of 5']);
  const [loaded, own] = [await model.toStateDict(), await fresh.toStateDict()];
  const { stateDict } = await (await openWeights(fixture('timm'))).read();
  for (const name of Object.keys(own))
    expect(loaded[name], name).toEqual((name.startsWith('fc.') ? own : stateDict)[name]);
  for (const one of [model, fresh]) one.dispose();
});

test('another architecture lists what is missing, unexpected and of another shape, and changes nothing', async () => {
  const model = network({ width: 8 }, 'resnet18');
  const before = await model.toStateDict();
  await expect(loadWeights(model, await openWeights(fixture('timm')))).rejects.toThrow(
    /do not fit resnet18: .*nothing was loaded\.\n {2}missing: conv1\.weight, .*\n {2}unexpected: conv1\.0\.weight, .*\n {2}of another shape: bn1\.weight \[4\] for \[8\], /s,
  );
  expect(await model.toStateDict()).toEqual(before);
  model.dispose();
});

test('loading leaves no tensors behind', async () => {
  const model = network();
  const weights = await openWeights(fixture('timm'));
  const before = tf.memory().numTensors;
  await loadWeights(model, weights);
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});
