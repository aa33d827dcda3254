// node run.js <task.json>: runs one export in one runtime of Node or Chromium, for main.ts, as plan.ts says.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadClassifier } from '@bag-of-tricks/classifier';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { DataType, LoadedGraph } from '@bag-of-tricks/libtensorflow/native';
import { transpose } from '@bag-of-tricks/network-layers';
import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
import { bundle, launchBrowser, openScript, serveFolders } from '@bag-of-tricks/test-browser';
import * as tf from '@tensorflow/tfjs';
import { here } from '../python.ts';
import { readTensors } from '../tensors.ts';
import { byClass, inBatches, type Measured } from './in-batches.ts';
import type { Outcome, Runtime, Task } from './plan.ts';

type Ran = Measured & { readonly version: string };
type Runner = (task: Task) => Promise<Ran | { readonly notRun: string }>;

/** The version of an installed package. */
const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;

async function inClassifier(
  { folder, root, pictures, batchSize }: Task,
  version: string,
): Promise<Ran> {
  const classifier = await loadClassifier(folder, { batchSize });
  const top = classifier.description.classNames.length;
  const measured = await inBatches(pictures.length, batchSize, async (from, to) => {
    const files = pictures.slice(from, to).map((name) => readFile(join(root, name)));
    return byClass(await classifier.classifyBatch(await Promise.all(files), { top }));
  });
  return { ...measured, version };
}

const inTensorFlowJs =
  (backend: string): Runner =>
  async (task) => {
    await tf.setBackend(backend);
    return inClassifier(task, `TensorFlow.js ${tf.version_core}, Node ${process.versions.node}`);
  };

/** The pixels of some pictures as float32, and their shape. */
function pixelsOf({ pixels }: Task) {
  const { shape, data } = readTensors(readFileSync(pixels)).pixels!;
  const [count, ...sizes] = shape as [number, number, number, number];
  const each = sizes.reduce((product, size) => product * size, 1);
  return {
    count,
    batch: (from: number, to: number) => ({
      shape: [to - from, ...sizes],
      values: data.subarray(from * each, to * each),
    }),
  };
}

const inSavedModel: Runner = async (task) => {
  const { version, api } = await registerTensorFlowBackend();
  const loaded = LoadedGraph.fromSavedModel(api, task.folder);
  const { count, batch } = pixelsOf(task);
  const measured = await inBatches(count, task.batchSize, async (from, to) => {
    const images = { dtype: DataType.FLOAT, ...batch(from, to) };
    const [probabilities] = await loaded.run({ images }, ['probabilities']);
    return probabilities!.values as Float32Array;
  });
  loaded.dispose();
  return { ...measured, version: `TensorFlow ${version}` };
};

const inOnnxRuntime: Runner = async (task) => {
  const runtime = await import('onnxruntime-node').catch((error: Error) => error.message);
  if (typeof runtime === 'string') return { notRun: runtime };
  const session = await runtime.InferenceSession.create(join(task.folder, 'model.onnx'));
  const { count, batch } = pixelsOf(task);
  const measured = await inBatches(count, task.batchSize, async (from, to) => {
    const { shape, values } = batch(from, to);
    const [images, height, width, channels] = shape as [number, number, number, number];
    const pixels = transpose(values, shape, [0, 3, 1, 2]);
    const input = new runtime.Tensor('float32', pixels, [images, channels, height, width]);
    const { probabilities } = await session.run({ images: input });
    return probabilities!.data as Float32Array;
  });
  return { ...measured, version: `onnxruntime-node ${versionOf('onnxruntime-node')}` };
};

interface PageResult {
  readonly probabilities: number[];
  readonly imagesPerSecond: number;
  readonly tfjs: string;
}

const inChromium =
  (backend: string): Runner =>
  async ({ folder, root, pictures, batchSize }) => {
    const browser = await launchBrowser();
    if (!browser) return { notRun: 'no Chromium starts here' };
    const site = mkdtempSync(join(tmpdir(), 'site-'));
    const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
    const served = await serveFolders({ site, wasm, pictures: root, export: folder });
    try {
      await bundle(here('src/exports/page.ts'), join(site, 'page.js'));
      const page = await openScript(browser, served, { global: 'classifyAll' });
      const addresses = pictures.map((name) => `/pictures/${name}`);
      const task = JSON.stringify({ backend, addresses, batchSize });
      let settle!: (result: PageResult | string) => void;
      const reported = new Promise<PageResult | string>((resolve) => {
        settle = resolve;
      });
      page.on('error', ({ message }) => settle(message));
      // The page calls back: a call that is waited for may take three minutes at most.
      await page.exposeFunction('report', settle);
      await page.evaluate(
        `void classifyAll(${task}).then(report, (error) => report(String(error)))`,
      );
      const result = await reported;
      if (typeof result === 'string') throw new Error(result);
      const { probabilities, imagesPerSecond, tfjs } = result;
      const version = `TensorFlow.js ${tfjs}, ${await browser.version()}`;
      return { probabilities: Float32Array.from(probabilities), imagesPerSecond, version };
    } finally {
      await browser.close();
      await served.close();
      rmSync(site, { recursive: true });
    }
  };

const runners: Partial<Record<Runtime, Runner>> = {
  'node-tensorflow': async (task) => {
    const { version } = await registerTensorFlowBackend();
    await tf.setBackend('tensorflow');
    return inClassifier(task, `TensorFlow ${version}, Node ${process.versions.node}`);
  },
  'node-cpu': inTensorFlowJs('cpu'),
  'node-wasm': async (task) => {
    await import('@tensorflow/tfjs-backend-wasm');
    return inTensorFlowJs('wasm')(task);
  },
  'chromium-wasm': inChromium('wasm'),
  'chromium-webgl': inChromium('webgl'),
  'chromium-webgpu': inChromium('webgpu'),
  'node-saved-model': inSavedModel,
  'node-onnxruntime': inOnnxRuntime,
};

const task: Task = JSON.parse(readFileSync(process.argv[2]!, 'utf8'));
const ran = await runners[task.runtime]!(task);
let outcome: Outcome;
if ('notRun' in ran) outcome = ran;
else {
  const { probabilities: data, ...rest } = ran;
  const shape = [task.pictures.length, data.length / task.pictures.length];
  await writeSafetensors(task.out, [['probabilities', { dtype: 'F32', shape, data }]]);
  outcome = { version: rest.version, imagesPerSecond: rest.imagesPerSecond };
}
console.log(`\n${JSON.stringify(outcome)}`);
process.exit();
