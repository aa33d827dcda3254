import { cpSync, mkdirSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageFolder } from '@bag-of-tricks/image-data';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { fromLayersModel, type Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { evaluate } from '../evaluate.ts';
import { fit } from '../fit.ts';
import { type Classifier, loadClassifier } from './classifier.ts';
import { readClassNames } from './open-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'classifier-'));
const images = join(folder, 'images');
const file = (path: string) => join(images, 'val', path);
let network: Network;
let runFolder: string;

const smallNetwork = () =>
  fromLayersModel(
    tf.sequential({
      layers: [
        tf.layers.averagePooling2d({ poolSize: 4, inputShape: [16, 16, 3] }),
        tf.layers.flatten(),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 3 }),
      ],
    }),
    { name: 'small' },
  );

const settings = (compile: boolean) => ({
  ...{ network, dataDir: images, input: { imageSize: 16, antialias: true }, compile },
  ...{ epochs: 8, batchSize: 16, learningRate: { base: 0.5 }, output: folder, tricks: [] },
});

beforeAll(async () => {
  await makeImageFolder(images, { trainPerClass: 16, evalPerClass: 6, side: 20 });
  await registerTensorFlowBackend();
  network = smallNetwork();
  ({ runFolder } = await fit(settings(true)));
});

const load = (options = {}): Promise<Classifier> =>
  loadClassifier(runFolder, { network, ...options });

async function loaded<Result>(use: (classifier: Classifier) => Promise<Result>, options = {}) {
  const classifier = await load(options);
  try {
    return await use(classifier);
  } finally {
    await classifier.dispose();
  }
}

test('the probabilities are those that the evaluation scores', async () => {
  const scored = await evaluate(runFolder, { network });
  const source = await imageFolder(images, { split: 'val' });
  const labels = Array.from({ length: source.size }, (_, i) => source.label(i));
  const paths = labels.map((_, i) => source.describe(i));
  const tops = await loaded((classifier) => classifier.classifyBatch(paths, { top: 3 }));
  const losses = tops.map((top, i) => {
    const own = top!.find(({ index }) => index === labels[i])!;
    return -Math.log(own.probability);
  });
  expect(losses.reduce((sum, loss) => sum + loss) / losses.length).toBeCloseTo(scored.loss, 5);
  const right = tops.filter((top, i) => top![0]!.index === labels[i]).length;
  expect((100 * right) / labels.length).toBeCloseTo(scored.top1, 6);
  expect(scored.top1).toBeGreaterThan(80);
  expect(scored.top5).toBeNull();
});

test('a file, its bytes and any size of batch give the same', async () => {
  const paths = ['red/0.jpg', 'green/1.jpg', 'blue/2.jpg', 'red/3.jpg', 'blue/5.jpg'].map(file);
  const each = await loaded((classifier) =>
    Promise.all(paths.map((path) => classifier.classify(path, { top: 3 }))),
  );
  const bytes = paths.map((path) => readFileSync(path));
  const together = await loaded((classifier) => classifier.classifyBatch(bytes), { batchSize: 3 });
  expect(bytes[0]!.length).toBeGreaterThan(0);
  each.forEach((top, i) => {
    expect(top.map(({ name }) => name)).toEqual(together[i]!.map(({ name }) => name));
    top.forEach(({ probability }, rank) => {
      expect(probability).toBeCloseTo(together[i]![rank]!.probability, 5);
    });
    expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
  });
  expect(each.map((top) => top[0]!.name)).toEqual(['red', 'green', 'blue', 'red', 'blue']);
});

test('the description is what a network needs beside its weights, and JSON', async () => {
  const { description, source } = await loaded((classifier) => Promise.resolve(classifier));
  expect(JSON.parse(JSON.stringify(description))).toEqual({
    ...{ model: 'small', classNames: ['blue', 'green', 'red'], imageSize: 16, channels: 3 },
    ...{ evalResize: 18, interpolation: 'bilinear', antialias: true, exifOrientation: false },
    mean: [123.68, 116.779, 103.939],
    std: [58.393, 57.12, 57.375],
  });
  expect(source).toContain(join(runFolder, 'checkpoints'));
});

test('an image that cannot be used is named; the others are classified', async () => {
  const cut = join(folder, 'cut.jpg');
  cpSync(file('red/0.jpg'), cut);
  truncateSync(cut, 300);
  const none = join(folder, 'none.jpg');
  writeFileSync(none, 'no image');
  const named: string[] = [];
  await loaded(async (classifier) => {
    const tops = await classifier.classifyBatch([cut, file('red/1.jpg'), none, '/nowhere.jpg'], {
      onBadImage: (skipped) => {
        expect(Object.keys(skipped)).toEqual(['image', 'reason']);
        named.push(skipped.image);
      },
    });
    expect(tops.map((top) => top?.[0]?.name ?? null)).toEqual([null, 'red', null, null]);
    expect(named.sort()).toEqual([cut, none, '/nowhere.jpg'].sort());
    await expect(classifier.classify(cut)).rejects.toThrow(cut);
    await expect(classifier.classify(new Uint8Array(0))).rejects.toThrow('image 0: is empty');
    expect((await classifier.classify(file('blue/0.jpg'), { top: 1 }))[0]!.name).toBe('blue');
  });
});

test('nothing at a path says all that may be there', async () => {
  await expect(loadClassifier('nodir')).rejects.toThrow(
    "weights nodir: expected a .safetensors file, a folder with one as timm's, a run folder or a checkpoint of ours, or hf:owner/name, found none. Check the path",
  );
});

test('weights alone are not evaluated, but predicted with', async () => {
  const hub = join(folder, 'hub');
  mkdirSync(hub);
  writeFileSync(join(hub, 'model.safetensors'), '');
  for (const path of [hub, join(hub, 'model.safetensors'), 'hf:timm/resnet50d.ra2_in1k'])
    await expect(evaluate(path)).rejects.toThrow(
      /expected a run folder or a checkpoint folder, .* got weights alone\. Use 'bag-of-tricks predict'/,
    );
});

test.each([
  ['["cat", "dog"', /names\.json: expected a JSON array of class names, got Expected ',' or '\]'/],
  ['{"0": "cat"}', /names\.json: expected a JSON array .*, got \{"0": "cat"\}\. Correct it, or/],
])('names of classes in the file %s are refused by its name', async (text, message) => {
  writeFileSync(join(folder, 'names.json'), text);
  await expect(readClassNames(join(folder, 'names.json'))).rejects.toThrow(message);
});

test('a folder in place of the file with the names is named', async () => {
  await expect(readClassNames(folder)).rejects.toThrow(
    `${folder}: expected a file with the names of the classes, got EISDIR (a folder is in its place). Check the path`,
  );
});

test('one that was disposed says so', async () => {
  const classifier = await loaded((one) => Promise.resolve(one));
  await expect(classifier.classify(file('red/0.jpg'))).rejects.toThrow(
    'classify: this classifier was disposed. Load it again',
  );
});

test.each([0, -1, 1.5, Number.NaN])('top %d is refused', async (top) => {
  await loaded(async (classifier) => {
    await expect(classifier.classify(file('red/0.jpg'), { top })).rejects.toThrow(
      'expected top to be a whole number above 0',
    );
  });
});

test.each([true, false])('keeps no tensor and no native handle (compile: %s)', async (compile) => {
  const backend = await registerTensorFlowBackend();
  const run = compile ? runFolder : (await fit(settings(false))).runFolder;
  const classifyAll = async () => {
    const classifier = await loadClassifier(run, { network });
    await classifier.classify(file('red/0.jpg'));
    await classifier.classifyBatch([file('red/0.jpg'), '/nowhere.jpg'], { onBadImage: () => {} });
    await classifier.dispose();
  };
  await classifyAll();
  const before = [tf.memory().numTensors, backend.nativeHandleCount()];
  await classifyAll();
  expect([tf.memory().numTensors, backend.nativeHandleCount()]).toEqual(before);
});

test('weights that are not finite are an error, no prediction', async () => {
  const bias = Object.values(network.parameters).at(-1)!;
  const spoiled: Network = {
    ...network,
    loadStateDict: () => bias.assign(tf.fill(bias.shape, Number.NaN)),
  };
  const classifier = await load({ network: spoiled });
  await expect(classifier.classify(file('red/0.jpg'))).rejects.toThrow('expected finite');
  await classifier.dispose();
});
