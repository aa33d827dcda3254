// Runs in the browser of browser.test.ts, bundled.
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { type ClassifierOptions, loadClassifier, type Picture } from '../src/index.ts';
import { decodeInBrowser } from '../src/picture/browser.ts';
import { readHeader } from '../src/picture/header.ts';

setWasmPaths('/wasm/');
setThreadsCount(1);

/** The pixels of a picture as they are stored. */
async function decoded(address: string) {
  const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
  return decodeInBrowser(bytes, readHeader(bytes, address));
}

const readAs: Readonly<Record<string, (address: string) => Promise<Picture>>> = {
  bytes: async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer()),
  blob: async (address) => (await fetch(address)).blob(),
  image: async (address) => {
    const image = new Image();
    image.src = address;
    return image;
  },
  revoked: async (address) => {
    const image = new Image();
    image.src = URL.createObjectURL(await (await fetch(address)).blob());
    await image.decode();
    URL.revokeObjectURL(image.src);
    return image;
  },
  imageData: async (address) => {
    const { data, width, height } = await decoded(address);
    const step = data.length / (width * height);
    const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
      i % 4 < step ? data[Math.floor(i / 4) * step + (i % 4)]! : 255,
    );
    return new ImageData(rgba, width, height);
  },
  bitmap: async (address) =>
    createImageBitmap(await (await fetch(address)).blob(), {
      ...{ colorSpaceConversion: 'none', premultiplyAlpha: 'none' },
    }),
};

interface Task {
  readonly backend: string;
  readonly folder: string;
  readonly addresses: readonly string[];
  readonly as: string;
  readonly options: Pick<ClassifierOptions, 'cache' | 'maxPixels'>;
}

/** The probabilities by class of each picture, or its error's message; tensors that are left; and how the loading went. */
async function classifyAll({ backend, folder, addresses, as, options }: Task) {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const progress: number[] = [];
  const classifier = await loadClassifier(folder, {
    ...options,
    onProgress: ({ loaded, total }) => progress.push(loaded / total),
  });
  const results: (number[] | string)[] = [];
  for (const address of addresses) {
    try {
      const top = await classifier.classify(await readAs[as]!(address), { top: 100 });
      const byClass = top.toSorted((a, b) => a.index - b.index);
      results.push(byClass.map(({ probability }) => probability));
    } catch (error) {
      results.push(`${(error as Error).name}: ${(error as Error).message}`);
    }
  }
  classifier.dispose();
  return { backend: tf.getBackend(), results, leaked: tf.memory().numTensors - before, progress };
}

/** SHA-256, cut to 16 digits, of a picture's red, green and blue as they are stored. */
async function digestOf(address: string): Promise<string> {
  const { data, width, height } = await decoded(address);
  const step = data.length / (width * height);
  const colours = data.filter((_, i) => i % step < 3);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(colours)));
  return Array.from(digest.subarray(0, 8), (one) => one.toString(16).padStart(2, '0')).join('');
}

/** What TensorFlow.js itself makes of the network's input, [count, 16, 16, 3], without the classifier. */
async function probabilitiesOf(backend: string, address: string, inputs: number[]) {
  await tf.setBackend(backend);
  const graph = await loadGraphModel(address);
  const images = tf.tensor(inputs, [inputs.length / 768, 16, 16, 3]);
  return (graph.predict(images) as tf.Tensor2D).array();
}

/** `classifyAll` in a worker. */
async function classifyInWorker(task: Task) {
  const worker = new Worker('/site/page.js', { type: 'module' });
  const done = new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  worker.postMessage(task);
  const result = await done;
  worker.terminate();
  return result;
}

if (typeof document === 'undefined') {
  addEventListener('message', async ({ data }) => postMessage(await classifyAll(data as Task)));
}
Object.assign(globalThis, { classifyAll, classifyInWorker, digestOf, probabilitiesOf });
