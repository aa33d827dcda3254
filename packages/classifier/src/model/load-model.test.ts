import { once } from 'node:events';
import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serveFolders } from '@bag-of-tricks/test-browser';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { description, type SmallExport, smallExport } from '../../test/small-export.ts';
import { loadClassifier } from '../index.ts';

beforeAll(() => tf.setBackend('cpu'));

const described =
  (about: object) =>
  ({ classifier }: SmallExport) => {
    classifier.description = { ...description, ...about };
  };
const about =
  (fields: object) =>
  ({ classifier }: SmallExport) => {
    Object.assign(classifier, fields);
  };
const graph =
  (change: (model: SmallExport['model']) => void) =>
  ({ model }: SmallExport) =>
    change(model);

const lies: [string, (made: SmallExport) => void, string][] = [
  ['another format', about({ format: 'x' }), 'to be "bag-of-tricks-classifier", got "x". Name'],
  [
    'a later version',
    about({ version: 2 }),
    'expected version of FOLDER/classifier.json to be 1, got 2. Update',
  ],
  [
    'a model elsewhere',
    about({ model: '../model.json' }),
    'to name files beside it, got "../model.json"',
  ],
  [
    'no model',
    about({ model: undefined }),
    'expected model of FOLDER/classifier.json to be the JSON of a graph-model, got nothing',
  ],
  [
    'an export of another format',
    about({ model: 'model.onnx' }),
    'got "model.onnx". Export the model with --to graph-model',
  ],
  ['digests that are none', about({ sha256: { 'a.bin': '12' } }), 'expected sha256'],
  ['a licence that is none', about({ license: 7 }), 'expected license'],
  ['provenance that is none', about({ provenance: [] }), 'expected provenance'],
  ['no description', about({ description: null }), 'expected description.model'],
  ['no classes', described({ classNames: [] }), 'expected description.classNames'],
  ['a size that is none', described({ imageSize: 1.5 }), 'expected description.imageSize of'],
  [
    'a resize that is none',
    described({ evalResize: 0 }),
    'to be a whole number from 1 to 8192, got 0',
  ],
  ['two channels', described({ channels: 2 }), 'to be 1 or 3, got 2'],
  ['a filter that is unknown', described({ interpolation: 'nearest' }), 'got "nearest"'],
  ['a flag that is none', described({ antialias: 1 }), 'expected description.antialias'],
  [
    'an orientation that is none',
    described({ exifOrientation: 'no' }),
    'expected description.exifOrientation',
  ],
  ['too few means', described({ mean: [1] }), 'to be 3 numbers, got [1]'],
  ['a deviation of 0', described({ std: [1, 0, 1] }), 'to be 3 numbers above 0'],
  [
    'other classes than the graph',
    described({ classNames: ['cat'] }),
    'to have probabilities DT_FLOAT [-1,1], as classifier.json describes it, got probabilities DT_FLOAT [-1,4]',
  ],
  [
    'another size than the graph',
    described({ imageSize: 20 }),
    'to have images DT_FLOAT [-1,20,20,3], as classifier.json describes it, got images DT_FLOAT [-1,16,16,3]',
  ],
  [
    'a graph with another input',
    graph(({ signature }) => Object.assign(signature.inputs, { more: signature.inputs.images })),
    'and more DT_FLOAT',
  ],
  [
    'a graph without outputs',
    graph(({ signature }) => {
      signature.outputs = {};
    }),
    'got nothing',
  ],
  [
    'a layers-model',
    graph((model) => Object.assign(model, { format: 'layers-model' })),
    'to be a tfjs graph-model',
  ],
  [
    'no weights',
    graph((model) => Object.assign(model, { weightsManifest: 3 })),
    'to be a tfjs graph-model',
  ],
  [
    'a shard elsewhere',
    graph(({ weightsManifest }) => {
      weightsManifest[0]!.paths[0] = '/etc/passwd';
    }),
    'to name files beside it, got "/etc/passwd"',
  ],
  [
    'weights of no shape',
    graph(({ weightsManifest }) => {
      weightsManifest[0]!.weights[2]!.shape = [-1, 4];
    }),
    'for weight kernel of FOLDER/model.json, got float32 [-1,4]',
  ],
  [
    'weights of texts',
    graph(({ weightsManifest }) =>
      Object.assign(weightsManifest[0]!.weights[2]!, { dtype: 'string' }),
    ),
    'got string',
  ],
  [
    'weights that are none',
    graph(({ weightsManifest }) => Object.assign(weightsManifest[0]!, { weights: [null] })),
    'to be a tfjs graph-model',
  ],
  [
    'a graph with a loose end',
    graph(({ modelTopology }) => modelTopology.node.splice(1, 1)),
    'expected a graph that TensorFlow.js runs in FOLDER/model.json, got:',
  ],
];

test.each(lies)('%s is refused, and no tensor is left', async (_, lie, message) => {
  const made = smallExport();
  lie(made);
  made.write();
  const before = tf.memory().numTensors;
  const expected = message.replace('FOLDER', made.folder);
  await expect(loadClassifier(made.folder)).rejects.toThrow(expected);
  expect(tf.memory().numTensors).toBe(before);
});

const second = 'group1-shard2of2.bin';
const damages: [string, (path: (name: string) => string) => void, string][] = [
  ['a missing shard', (path) => rmSync(path(second)), `expected PLACE/${second} to be readable`],
  [
    'a shard that is cut off',
    (path) => truncateSync(path(second), 100),
    '(408 in group1-shard1of2.bin, 100 in group1-shard2of2.bin): a file is cut off, or of another export',
  ],
  [
    'a shard that is too long',
    (path) => appendFileSync(path(second), 'abcd'),
    `for PLACE/model.json, got`,
  ],
  [
    'a shard of another export',
    (path) => writeFileSync(path(second), readFileSync(path(second)).reverse()),
    `expected PLACE/${second} to have the SHA-256 `,
  ],
  [
    'a model.json of another export',
    (path) => {
      const other = readFileSync(path('model.json'), 'utf8').replace('Softmax', 'Sigmoid');
      writeFileSync(path('model.json'), other);
    },
    'expected PLACE/model.json to have the SHA-256 ',
  ],
  [
    'no model.json',
    (path) => rmSync(path('model.json')),
    'expected PLACE/model.json to be readable',
  ],
  [
    'a page in the place of JSON',
    (path) => writeFileSync(path('classifier.json'), '<!doctype html>'),
    'expected JSON in PLACE/classifier.json, got "<!doctype html>"',
  ],
  [
    'half a model.json',
    (path) => truncateSync(path('model.json'), 90),
    'expected JSON in PLACE/model.json',
  ],
];

test.each(damages)('%s is named, in a folder and behind a URL', async (_, damage, message) => {
  const { folder } = smallExport();
  damage((name) => join(folder, name));
  const served = await serveFolders({ model: folder });
  for (const place of [folder, `${served.url}/model`]) {
    await expect(loadClassifier(place)).rejects.toThrow(message.replace('PLACE', place));
  }
  await served.close();
});

test('an op that the backend lacks is named when it runs', async () => {
  const made = smallExport();
  Object.assign(made.model.modelTopology.node.at(-1)!, { op: 'VarHandleOp' });
  made.write();
  const classifier = await loadClassifier(made.folder);
  const before = tf.memory().numTensors;
  await expect(classifier.warmUp()).rejects.toThrow(
    /^classify: expected the backend cpu to run the graph, got: .*VarHandleOp/,
  );
  expect(tf.memory().numTensors).toBe(before);
  classifier.dispose();
});

test('weights that are not finite are an error, no prediction', async () => {
  const made = smallExport({ mean: [Number.NaN, 0, 0] });
  made.classifier.description = description;
  made.write();
  const classifier = await loadClassifier(made.folder);
  await expect(classifier.warmUp()).rejects.toThrow(
    'expected 4 finite probabilities a picture, got NaN',
  );
  classifier.dispose();
});

test('progress is told while a file comes, not when it is there', async () => {
  const { folder, weights } = smallExport();
  let send = () => {};
  const half = new Promise<void>((done) => {
    send = done;
  });
  const server = createServer(async ({ url }, response) => {
    const bytes = readFileSync(join(folder, decodeURI(url!)));
    if (url === `/${second}`) {
      response.write(bytes.subarray(0, 100));
      await half;
    }
    response.end(url === `/${second}` ? bytes.subarray(100) : bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const classifier = await loadClassifier(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    {
      onProgress({ loaded, total }) {
        // All of the first file and a part of the second.
        if (loaded === 508) send();
        expect(total).toBe(weights.length);
      },
    },
  );
  classifier.dispose();
  server.close();
});

test('no server is named', async () => {
  const served = await serveFolders({});
  await served.close();
  await expect(loadClassifier(served.url)).rejects.toThrow(
    `${served.url}/classifier.json to be readable, got`,
  );
});
