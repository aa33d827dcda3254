// Runs in the browser of `bench browser`, bundled.
import { loadClassifier, type Picture } from '@bag-of-tricks/classifier';
import { startWasm } from '@bag-of-tricks/classifier/wasm';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { BrowserContestant, PageResult, PageTask } from './task.ts';

/** Computes batch after batch, and returns the probabilities of the first image, or its most probable class. */
type Run = () => Promise<PageResult['top']>;

const mostProbable = (probabilities: Float32Array) => {
  const probability = Math.max(...probabilities);
  return { index: probabilities.indexOf(probability), probability };
};

/** Each photograph's bytes or pixels, again and again. */
async function batches({ photographs, batchSize }: PageTask, asPixels: boolean) {
  const pictures: Picture[] = await Promise.all(
    photographs.map(async (address) => {
      const blob = await (await fetch(address)).blob();
      return asPixels ? pixelsOf(await createImageBitmap(blob, asStored)) : blob;
    }),
  );
  let at = 0;
  return () => Array.from({ length: batchSize }, () => pictures[at++ % pictures.length]!);
}

/** As the classifier decodes. */
const asStored = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;

function pixelsOf(bitmap: ImageBitmap): ImageData {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}

async function classifier(task: PageTask, asPixels: boolean): Promise<Run> {
  await startWasm('/wasm/', task.threads);
  const next = await batches(task, asPixels);
  const loaded = await loadClassifier('/graph-model', { batchSize: task.batchSize });
  return async () => (await loaded.classifyBatch(next(), { top: 1 }))[0]![0]!;
}

/** A picture's pixels in grey of all shades, which is the same in both layouts of channels. */
const shadeOf = (pixel: number) => (pixel * 37) % 256;

async function network({ threads, batchSize, imageSize }: PageTask): Promise<Run> {
  await startWasm('/wasm/', threads);
  const model = await loadGraphModel('/graph-model/model.json');
  const shape = [batchSize, imageSize, imageSize, 3];
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => shadeOf(Math.floor(i / 3)));
  const images = tf.tensor(values, shape);
  return async () => {
    const output = model.predict(images) as tf.Tensor;
    const probabilities = await output.data<'float32'>();
    output.dispose();
    return mostProbable(probabilities.subarray(0, probabilities.length / batchSize));
  };
}

/** onnxruntime-web is served as npm brings it. */
async function onnxruntime({ threads, batchSize, imageSize }: PageTask): Promise<Run> {
  const address = '/onnxruntime-web/ort.wasm.min.mjs';
  const { env, InferenceSession, Tensor } = (await import(
    address
  )) as typeof import('onnxruntime-common');
  Object.assign(env.wasm, { wasmPaths: '/onnxruntime-web/', numThreads: threads });
  const session = await InferenceSession.create('/onnx/model.onnx', {
    executionProviders: ['wasm'],
  });
  const shape = [batchSize, 3, imageSize, imageSize];
  const pixels = imageSize ** 2;
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const image = Math.floor(i / (3 * pixels));
    return shadeOf(image * pixels + (i % pixels));
  });
  const images = new Tensor('float32', values, shape);
  return async () => {
    const { probabilities } = await session.run({ images });
    const all = (await probabilities!.getData()) as Float32Array;
    return mostProbable(all.subarray(0, all.length / batchSize));
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((size, one) => size * one, 1);

const contestants: Readonly<Record<BrowserContestant, (task: PageTask) => Promise<Run>>> = {
  classifier: (task) => classifier(task, false),
  'classifier-pixels': (task) => classifier(task, true),
  network,
  'onnxruntime-web': onnxruntime,
};

async function measure(task: PageTask): Promise<PageResult> {
  const run = await contestants[task.contestant](task);
  const top = await run();
  for (let i = 1; i < task.warmup; i++) await run();
  const batchMs: number[] = [];
  for (let i = 0; i < task.batches; i++) {
    const start = performance.now();
    await run();
    batchMs.push(performance.now() - start);
  }
  const threads = task.contestant === 'onnxruntime-web' ? task.threads : getThreadsCount();
  return { batchMs, threads, top };
}

Object.assign(globalThis, { measure });
