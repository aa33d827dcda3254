import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { registerTensorFlowBackend, type TensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { serveFolders } from '@bag-of-tricks/test-browser';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { description, smallExport } from '../test/small-export.ts';
import { BadImageError, type Classifier, loadClassifier } from './index.ts';
import { networkInput } from './picture/network-input.ts';

const picture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/pictures/${name}`, import.meta.url)));
const { folder } = smallExport();
let native: TensorFlowBackend;

beforeAll(async () => {
  native = await registerTensorFlowBackend();
});
beforeEach(() => tf.setBackend('cpu'));
afterAll(() => tf.setBackend('cpu'));

async function loaded<Result>(use: (classifier: Classifier) => Promise<Result>, options = {}) {
  const classifier = await loadClassifier(folder, options);
  try {
    return await use(classifier);
  } finally {
    classifier.dispose();
  }
}

/** The graph of small-export.ts, in numbers. */
function featuresOf(input: Uint8Array): Float64Array {
  const features = new Float64Array(48);
  input.forEach((byte, i) => {
    const [channel, pixel] = [i % 3, Math.floor(i / 3)];
    const tile = Math.floor(pixel / 64) * 4 + Math.floor((pixel % 16) / 4);
    const normal = (byte - description.mean[channel]!) / description.std[channel]!;
    features[tile * 3 + channel]! += normal / 16;
  });
  return features;
}

function expectedOf(input: Uint8Array): number[] {
  const features = featuresOf(input);
  const logits = [0, 1, 2, 3].map((c) =>
    features.reduce(
      (sum, x, k) => sum + x * Math.sin(1.3 * (k * 4 + c + 1)),
      Math.sin(0.7 * (c + 1)),
    ),
  );
  const total = logits.reduce((sum, one) => sum + Math.exp(one), 0);
  return logits.map((one) => Math.exp(one) / total);
}

const pixels = {
  data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * i) % 251),
  ...{ width: 40, height: 30 },
};

test.each([
  ['cpu', true],
  ['wasm', true],
  ['tensorflow', true],
  ['tensorflow', false],
])('on %s (compile: %s) the probabilities are those of the graph', async (backend, compile) => {
  await tf.setBackend(backend);
  expect(tf.getBackend()).toBe(backend);
  const expected = expectedOf(networkInput(pixels, description));
  await loaded(
    async (classifier) => {
      await classifier.warmUp();
      const top = await classifier.classify(pixels);
      expect(top).toHaveLength(4);
      for (const { index, name, probability } of top) {
        expect(name).toBe(description.classNames[index]);
        expect(probability).toBeCloseTo(expected[index]!, 4);
      }
      const sorted = top.map(({ probability }) => probability).toSorted((a, b) => b - a);
      expect(top.map(({ probability }) => probability)).toEqual(sorted);
      const three = [pixels, pixels, pixels];
      await classifier.classifyBatch(three);
      const kernels = vi.spyOn(tf.engine(), 'runKernel');
      const tops = await classifier.classifyBatch(three);
      expect(kernels.mock.calls.length > 0).toBe(backend !== 'tensorflow' || !compile);
      kernels.mockRestore();
      for (const one of tops.flatMap((all) => all!)) {
        expect(one.probability).toBeCloseTo(expected[one.index]!, 4);
      }
    },
    { compile },
  );
});

test.each([
  ['cpu', true],
  ['wasm', true],
  ['tensorflow', true],
  ['tensorflow', false],
])('keeps no tensor and no native handle on %s (compile: %s)', async (backend, compile) => {
  await tf.setBackend(backend);
  const use = () =>
    loaded(
      async (classifier) => {
        await classifier.warmUp();
        await classifier.classifyBatch([pixels, pixels, pixels], { top: 1 });
        await expect(classifier.classify(picture('plain.jpg').subarray(0, 99))).rejects.toThrow();
      },
      { batchSize: 2, compile },
    );
  await use();
  const before = [tf.memory().numTensors, native.nativeHandleCount()];
  await use();
  expect([tf.memory().numTensors, native.nativeHandleCount()]).toEqual(before);
});

test('bytes, a buffer, a Blob and any size of batch give the same', async () => {
  const bytes = ['plain.jpg', 'alpha.png', 'lossy.webp', 'plain.gif', 'grey.jpg'].map(picture);
  const one = await loaded((classifier) =>
    Promise.all(bytes.map((each) => classifier.classify(each))),
  );
  const buffers = bytes.map((each) => each.slice().buffer);
  const blobs = bytes.map((each) => new Blob([each.slice()]));
  await loaded(
    async (classifier) => {
      for (const same of [bytes, buffers, blobs]) {
        const tops = await classifier.classifyBatch(same);
        tops.forEach((top, i) => {
          expect(top!.map(({ name }) => name)).toEqual(one[i]!.map(({ name }) => name));
          top!.forEach(({ probability }, k) => {
            expect(probability).toBeCloseTo(one[i]![k]!.probability, 5);
          });
        });
      }
    },
    { batchSize: 2 },
  );
});

test('features are what the last layer multiplies, for whoever trains another one', async () => {
  const before = tf.memory().numTensors;
  const features = await loaded((classifier) => classifier.features(pixels));
  expect(tf.memory().numTensors).toBe(before);
  const expected = featuresOf(networkInput(pixels, description));
  expect(features).toHaveLength(48);
  features.forEach((feature, i) => {
    expect(feature).toBeCloseTo(expected[i]!, 4);
  });
  const other = smallExport();
  other.model.userDefinedMetadata.features = undefined;
  other.write();
  const classifier = await loadClassifier(other.folder);
  await expect(classifier.features(pixels)).rejects.toThrow(
    'features: expected an export whose model.json names the features, got one that does not.',
  );
  classifier.dispose();
});

test('pictures are turned by their EXIF tag if the description says so', async () => {
  const turned = smallExport({ exifOrientation: true });
  for (const name of ['turned.jpg', 'turned.png']) {
    const bytes = picture(name);
    const { data, info } = await sharp(bytes)
      .autoOrient()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([61, 97]);
    const upright = await loaded((classifier) => classifier.classify({ ...info, data }));
    const stored = await loaded((classifier) => classifier.classify(bytes));
    const classifier = await loadClassifier(turned.folder);
    expect(await classifier.classify(bytes)).toEqual(upright);
    expect(stored).not.toEqual(upright);
    classifier.dispose();
  }
});

test('a folder, its file URL and its address give the same, with what belongs to the network', async () => {
  const served = await serveFolders({ model: folder });
  for (const place of [folder, `${folder}/`, pathToFileURL(folder), `${served.url}/model/`]) {
    const progress: number[] = [];
    const classifier = await loadClassifier(place, {
      onProgress: ({ loaded: bytes, total }) => progress.push(bytes / total),
    });
    expect(classifier.description).toEqual(description);
    expect([classifier.license, classifier.provenance]).toEqual(['apache-2.0', { run: 'small' }]);
    expect((await classifier.classify(pixels, { top: 2 })).length).toBe(2);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    classifier.dispose();
  }
  await served.close();
});

test('the first bad picture of a batch rejects, or each is told and left out', async () => {
  const none = new TextEncoder().encode('no picture');
  const cut = picture('plain.jpg').subarray(0, 900);
  await loaded(async (classifier) => {
    await expect(classifier.classifyBatch([pixels, none, cut])).rejects.toThrow(BadImageError);
    const told: [number, string, string][] = [];
    const tops = await classifier.classifyBatch([none, pixels, cut], {
      onBadImage: ({ failure, message }, index) => told.push([index, failure, message]),
      describe: (index) => `upload ${index}`,
    });
    expect(tops.map((top) => top !== null)).toEqual([false, true, false]);
    expect(told.sort()).toEqual([
      [
        0,
        'not-a-picture',
        expect.stringContaining(
          'expected upload 0 to be a JPEG, PNG, WebP or GIF, got 10 bytes that begin 6e 6f 20 70',
        ),
      ],
      [2, 'damaged', expect.stringContaining('900 bytes for upload 2, which is cut short')],
    ]);
    expect(await classifier.classifyBatch([])).toEqual([]);
  });
});

test('a picture of too many pixels is refused before it is decoded', async () => {
  const decode = () => Promise.reject(new Error('decoded'));
  await loaded(
    async (classifier) => {
      await expect(classifier.classify(picture('plain.png'))).rejects.toMatchObject({
        failure: 'too-large',
        message: expect.stringContaining(
          'expected image 0 to have 1 to 5916 pixels, got 97x61. Shrink it, or raise maxPixels',
        ),
      });
      await expect(classifier.classify({ ...pixels, width: 9999 })).rejects.toThrow('1 to 5916');
    },
    { maxPixels: 97 * 61 - 1, decode },
  );
});

test("a decoder of one's own is used, and has to return the stored pixels", async () => {
  const decode = () =>
    Promise.resolve({ data: new Uint8Array(97 * 61 * 3), width: 97, height: 61 });
  const black = await loaded((classifier) => classifier.classify(picture('plain.png')), { decode });
  const expected = expectedOf(new Uint8Array(16 * 16 * 3));
  for (const { index, probability } of black) expect(probability).toBeCloseTo(expected[index]!, 4);
  const turned = () =>
    Promise.resolve({ data: new Uint8Array(97 * 61 * 3), width: 61, height: 97 });
  await expect(
    loaded((classifier) => classifier.classify(picture('plain.png')), { decode: turned }),
  ).rejects.toThrow(
    'expected the decoder to return the 97x61 pixels that image 0 stores, got 61x97',
  );
});

test('at most batchSize pictures go through the network at once, and readAtOnce are decoded side by side', async () => {
  const named: string[] = [];
  let [now, most] = [0, 0];
  const decode = async (_: Uint8Array, name: string) => {
    named.push(name);
    most = Math.max(most, ++now);
    await setImmediate();
    now--;
    return { data: new Uint8Array(97 * 61 * 3), width: 97, height: 61 };
  };
  await loaded(
    async (classifier) => {
      const kernels = vi.spyOn(tf.engine(), 'runKernel');
      const pictures = Array.from({ length: 10 }, () => picture('plain.png'));
      await classifier.classifyBatch(pictures, { describe: (i) => `upload ${i}` });
      expect(kernels.mock.calls.filter(([kernel]) => kernel === 'Softmax')).toHaveLength(2);
      kernels.mockRestore();
      expect(named).toEqual(pictures.map((_, i) => `upload ${i}`));
      expect(most).toBe(3);
    },
    { batchSize: 6, readAtOnce: 3, decode },
  );
});

test.each([
  ['a path', 'cat.jpg', 'to be bytes, a Blob or pixels, in a page also an image, got string'],
  ['null', null, 'got object'],
  [
    'pixels that are too few',
    { ...pixels, width: 41 },
    'expected 3690 or 4920 bytes for the 41x30 pixels',
  ],
  [
    'pixels that are floats',
    { ...pixels, data: new Float32Array(3600) },
    'expected 3600 or 4800 bytes for the 40x30 pixels of image 0, got 3600 in Float32Array',
  ],
  ['a side with a fraction', { ...pixels, width: 80, height: 15.5 }, 'pixels, got 80x15.5'],
  ['no pixels', { data: new Uint8Array(0), width: 0, height: 0 }, 'pixels, got 0x0'],
  ['no bytes', new Uint8Array(0), 'got no bytes'],
])('%s is refused', async (_, wrong, message) => {
  await loaded((classifier) =>
    expect(classifier.classify(wrong as Uint8Array)).rejects.toThrow(message),
  );
});

test('what is no place of an export, and what are no pictures, are named', async () => {
  for (const [place, got] of [
    ['', '""'],
    [undefined, 'undefined'],
    [7, '7'],
  ]) {
    await expect(loadClassifier(place as string)).rejects.toThrow(
      `loadClassifier: expected the folder or URL of an export, got ${got}. Name`,
    );
  }
  await loaded(async ({ classifyBatch }) => {
    for (const [pictures, got] of [
      [picture('plain.jpg'), 'Uint8Array'],
      [new Set(), 'Set'],
      [undefined, 'undefined'],
    ]) {
      await expect(classifyBatch(pictures as never)).rejects.toThrow(
        `classifyBatch: expected an array of pictures, got ${got}. Give`,
      );
    }
  });
});

test('settings that are no counts are refused', async () => {
  for (const options of [{ batchSize: 0 }, { maxPixels: 1.5 }]) {
    await expect(loadClassifier(folder, options)).rejects.toThrow('to be a whole number above 0');
  }
  await loaded((classifier) =>
    expect(classifier.classify(pixels, { top: 0 })).rejects.toThrow(
      'expected top to be a whole number',
    ),
  );
});

test('calls that still wait for the network when it is disposed fail, and later ones too', async () => {
  const before = tf.memory().numTensors;
  const classifier = await loadClassifier(folder, { batchSize: 1 });
  const underWay = classifier.classifyBatch([picture('plain.jpg'), picture('plain.png')]);
  const running = classifier.classify(pixels);
  classifier.dispose();
  classifier.dispose();
  const message = expect.stringContaining(
    'expected a classifier in use, got one that was disposed. Await what is under way',
  );
  for (const result of await Promise.allSettled([
    ...[underWay, running, classifier.warmUp(), classifier.features(pixels)],
  ])) {
    expect(result).toMatchObject({ status: 'rejected', reason: { message } });
  }
  expect(tf.memory().numTensors).toBe(before);
});

test('an empty folder is named', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'empty-'));
  await expect(loadClassifier(empty)).rejects.toThrow(
    `expected ${empty}/classifier.json to be readable, got ENOENT`,
  );
});
