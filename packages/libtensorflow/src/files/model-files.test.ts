import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { registerTensorFlowBackend } from '../backend/register.ts';
import { loadModel } from './model-files.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const ofTfjsNode = join(fixtures, 'tfjs-node-model');
const urlOf = (...path: string[]) => pathToFileURL(join(...path)).href;
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));
const writeJson = (path: string, value: unknown) => writeFileSync(path, JSON.stringify(value));

beforeAll(async () => void (await registerTensorFlowBackend()));

const predict = (model: tf.LayersModel) =>
  tf.tidy(() => {
    const x = tf.div(tf.reshape(tf.range(0, 36), [4, 3, 3, 1]), 36);
    return (model.predict(x) as tf.Tensor2D).arraySync();
  });

/** A copy of tfjs-node's model, to be spoilt. */
function copied(): string {
  const folder = join(temporaryFolder(), 'model');
  cpSync(ofTfjsNode, folder, { recursive: true });
  return folder;
}

/** Cuts the weights into files at these bytes, and lists them in model.json. */
function shard(folder: string, cuts: readonly number[]): void {
  const bytes = readFileSync(join(folder, 'weights.bin'));
  const ends = [...cuts, bytes.length];
  const paths = ends.map((_, i) => `group1-shard${i + 1}of${ends.length}.bin`);
  for (const [i, path] of paths.entries()) {
    writeFileSync(join(folder, path), bytes.subarray(ends[i - 1] ?? 0, ends[i]));
  }
  rmSync(join(folder, 'weights.bin'));
  const json = readJson(folder, 'model.json');
  writeJson(join(folder, 'model.json'), {
    ...json,
    weightsManifest: [{ ...json.weightsManifest[0], paths }],
  });
}

describe('tf.loadLayersModel and model.save', () => {
  test('what tfjs-node saved predicts and trains on as it did there, and nothing leaks', async () => {
    const before = tf.memory().numTensors;
    const model = await tf.loadLayersModel(urlOf(ofTfjsNode, 'model.json'));
    for (const [i, row] of readJson(fixtures, 'tfjs-node-predictions.json').entries()) {
      for (const [k, value] of row.entries()) expect(predict(model)[i]![k]).toBeCloseTo(value, 6);
    }
    expect(model.getUserDefinedMetadata()).toEqual({ classes: ['a', 'b', 'ü'] });
    expect(model.optimizer.getClassName()).toBe('Adam');
    expect(model.optimizer.iterations).toBe(3);
    model.optimizer.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('saving writes the very files of tfjs-node, in a new folder or over an old one', async () => {
    const folder = join(temporaryFolder(), 'mit Umläuten', '50%', 'model');
    const model = await tf.loadLayersModel(urlOf(ofTfjsNode, 'model.json'));
    const url = urlOf(folder);
    await model.save(url);
    const result = await model.save(url, { includeOptimizer: true });
    expect(result.modelArtifactsInfo.weightDataBytes).toBe(512);
    expect(readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin']);
    const bytesIn = (home: string) => readFileSync(join(home, 'weights.bin'));
    expect(bytesIn(folder)).toEqual(bytesIn(ofTfjsNode));
    const keysOf = (json: object) => Object.keys(json);
    const [ours, theirs] = [folder, ofTfjsNode].map((home) => readJson(home, 'model.json'));
    expect(keysOf(ours)).toEqual(keysOf(theirs));
    expect(ours).toEqual(theirs);
    const again = await tf.loadLayersModel(`${url}/model.json`);
    expect(predict(again)).toEqual(predict(model));
  });

  test("tfjs-node's form without a third slash is relative to the working directory", async () => {
    const folder = temporaryFolder();
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    const home = process.cwd();
    process.chdir(folder);
    try {
      await model.save('file://./a%20b');
      await tf.loadLayersModel('file://a%20b/model.json');
    } finally {
      process.chdir(home);
    }
    expect(readdirSync(folder)).toEqual(['a%20b']);
  });

  test('weights in several files, cut anywhere, are the same weights', async () => {
    const whole = await loadModel(join(ofTfjsNode, 'model.json'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(512), { maxLength: 4 }), async (cuts) => {
        const folder = copied();
        shard(
          folder,
          [...cuts].sort((a, b) => a - b),
        );
        expect(await loadModel(join(folder, 'model.json'))).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
});

test('a graph model keeps quantised weights, signature and initialiser through loading and saving', async () => {
  const folder = temporaryFolder();
  const type = { type: 'DT_FLOAT' };
  const dims = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: String(size) })) });
  const value = { tensor: { dtype: 'DT_FLOAT', tensorShape: dims(2) } };
  const quantization = { dtype: 'uint8', scale: 0.5, min: -1 };
  const info = { name: 'x', dtype: 'DT_FLOAT', tensorShape: dims(1, 2) };
  const json = {
    modelTopology: {
      node: [
        { name: 'x', op: 'Placeholder', attr: { dtype: type, shape: { shape: dims(1, 2) } } },
        { name: 'w', op: 'Const', attr: { dtype: type, value: value } },
        { name: 'y', op: 'AddV2', input: ['x', 'w'], attr: { T: type } },
      ],
      versions: { producer: 1 },
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: [{ name: 'w', shape: [2], dtype: 'float32', quantization }],
      },
    ],
    format: 'graph-model',
    generatedBy: '2.21.0',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    signature: { inputs: { x: info }, outputs: { y: { ...info, name: 'y' } } },
    userDefinedMetadata: { answer: 42 },
  };
  writeJson(join(folder, 'model.json'), json);
  writeFileSync(join(folder, 'weights.bin'), Uint8Array.of(4, 8));
  const model = await tf.loadGraphModel(urlOf(folder, 'model.json'));
  const y = model.predict(tf.tensor2d([[10, 20]])) as tf.Tensor;
  expect([...y.dataSync()]).toEqual([11, 23]);
  await model.save(urlOf(folder, 'again'));
  expect(readJson(folder, 'again', 'model.json')).toEqual(json);
  expect([...readFileSync(join(folder, 'again', 'weights.bin'))]).toEqual([4, 8]);
});

describe('an error names the file, what was expected and what to do', () => {
  const load = (folder: string) => tf.loadLayersModel(urlOf(folder, 'model.json'));

  test('nothing there, and a folder', async () => {
    const folder = temporaryFolder();
    await expect(load(folder)).rejects.toThrow(
      `loadModel: expected a model at ${join(folder, 'model.json')}, got no such file. Give the model.json`,
    );
    await expect(tf.loadLayersModel(urlOf(folder))).rejects.toThrow(/got a folder\. Give the/);
  });

  test.each([
    ['{"modelTopology": ', /expected JSON in .*model\.json, got: /],
    ['null', /expected 'modelTopology' or 'weightsManifest' in .*model\.json, got neither/],
    ['[]', /expected 'modelTopology' or 'weightsManifest' in .*model\.json, got neither/],
    ['{"weightsManifest": {}}', /expected 'weightsManifest' in .*model\.json to be a list/],
    ['{"weightsManifest": [{"paths": ["a"]}]}', /expected 'weightsManifest' in .* to be a list/],
  ])('a model.json that is %s', async (text, message) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'model.json'), text);
    await expect(load(folder)).rejects.toThrow(message);
  });

  test('a missing file of weights', async () => {
    const folder = copied();
    shard(folder, [100]);
    rmSync(join(folder, 'group1-shard2of2.bin'));
    await expect(load(folder)).rejects.toThrow(
      /expected the weights .*group1-shard2of2\.bin, which .*model\.json lists, got no such file\. Copy all/,
    );
  });

  test.each([511, 513])('weights of %d bytes in place of 512', async (length) => {
    const folder = copied();
    writeFileSync(join(folder, 'weights.bin'), new Uint8Array(length));
    await expect(load(folder)).rejects.toThrow(
      `loadModel: expected 512 bytes of weights, as ${join(folder, 'model.json')} says, got ${length}: ${length} in ${join(folder, 'weights.bin')}. Was a copy cut off`,
    );
  });

  test('saving where a file is, which stays', async () => {
    const path = join(temporaryFolder(), 'model');
    writeFileSync(path, 'mine');
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    for (const target of [path, join(path, 'below')]) {
      await expect(model.save(urlOf(target))).rejects.toThrow(/expected a folder .* got a file\./);
    }
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('a save that fails leaves no half-written file behind', async () => {
    const folder = copied();
    rmSync(join(folder, 'model.json'));
    mkdirSync(join(folder, 'model.json'));
    const model = await tf.loadLayersModel(urlOf(ofTfjsNode, 'model.json'));
    await expect(model.save(urlOf(folder))).rejects.toThrow(/EISDIR|EEXIST|ENOTEMPTY|EPERM/);
    expect(readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin']);
  });
});

test('another package that serves file://, such as tfjs-node, is left to it', async () => {
  let owned = false;
  const handler = { save: async () => ({ modelArtifactsInfo: {} }) } as unknown as tf.io.IOHandler;
  const router = ((url: string) => (owned && url.startsWith('file:') ? handler : null)) as never;
  tf.io.registerSaveRouter(router);
  await registerTensorFlowBackend();
  expect(tf.io.getSaveHandlers('file:///model')).toHaveLength(1);
  owned = true;
  expect(tf.io.getSaveHandlers('file:///model')).toEqual([handler]);
  owned = false;
  tf.removeBackend('tensorflow');
  await registerTensorFlowBackend();
  expect(tf.io.getSaveHandlers('file:///model')).toHaveLength(1);
  expect(tf.io.getLoadHandlers('file:///model')).toHaveLength(1);
  expect(tf.io.getLoadHandlers('memory:///model')).toHaveLength(0);
});
