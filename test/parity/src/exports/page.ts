// Runs in a page, bundled, for run.ts.
import { loadClassifier } from '@bag-of-tricks/classifier';
import { startWasm } from '@bag-of-tricks/classifier/wasm';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { byClass, inBatches } from './in-batches.ts';

interface PageTask {
  readonly backend: string;
  readonly addresses: readonly string[];
  readonly batchSize: number;
}

async function classifyAll({ backend, addresses, batchSize }: PageTask) {
  await (backend === 'wasm' ? startWasm('/wasm/') : tf.setBackend(backend));
  if (tf.getBackend() !== backend) throw new Error(`expected ${backend}, got ${tf.getBackend()}`);
  const classifier = await loadClassifier('/export/', { batchSize, cache: false });
  const top = classifier.description.classNames.length;
  const measured = await inBatches(addresses.length, batchSize, async (from, to) => {
    const files = addresses
      .slice(from, to)
      .map(async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer()));
    return byClass(await classifier.classifyBatch(await Promise.all(files), { top }));
  });
  const { probabilities, imagesPerSecond } = measured;
  return { probabilities: Array.from(probabilities), imagesPerSecond, tfjs: tf.version_core };
}

Object.assign(globalThis, { classifyAll });
