// What `exportModel` writes, against the network that it was written of.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { resnetExport } from '../test/resnet-export.ts';
import { description } from '../test/small-export.ts';
import { loadClassifier } from './index.ts';
import { networkInput } from './picture/network-input.ts';

const names = ['plain.jpg', 'alpha.png', 'grey.jpg', 'palette.png', 'large.jpg'];
const files = names.map((name) => join(import.meta.dirname, '../fixtures/pictures', name));

/** By class, of the network itself, on pixels that another decoder read. */
async function expectedOf(network: Awaited<ReturnType<typeof resnetExport>>['network']) {
  const inputs = await Promise.all(
    files.map(async (file) => {
      const { data, info } = await sharp(file)
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      return [...networkInput({ ...info, data }, description)];
    }),
  );
  await tf.setBackend('tensorflow');
  const probabilities = tf.tidy(() => {
    const pixels = tf.reshape(tf.tensor2d(inputs), [-1, 16, 16, 3]);
    const { mean, std } = description;
    const images = tf.div(tf.sub(pixels, tf.tensor1d([...mean])), tf.tensor1d([...std]));
    return tf.softmax(network.apply(images as tf.Tensor4D, { training: false }));
  });
  return probabilities.array() as Promise<number[][]>;
}

test.each([
  [null, 1e-4],
  ['float16', 1e-2],
  ['uint8', 0.1],
] as const)(
  'an export of %s says what its network says, to %d',
  { tags: ['slow'] },
  async (quantize, tolerance) => {
    const { folder, network } = await resnetExport(quantize);
    const expected = await expectedOf(network);
    const certain = expected.map((row) => Math.max(...row));
    expect(Math.min(...certain)).toBeGreaterThan(0.3);
    const different = new Set(expected.map((row) => row.map((one) => one.toFixed(2)).join()));
    expect(different.size).toBeGreaterThan(2);
    for (const backend of ['tensorflow', 'cpu', 'wasm']) {
      await tf.setBackend(backend);
      const classifier = await loadClassifier(folder);
      const tops = await classifier.classifyBatch(files.map((file) => readFileSync(file)));
      tops.forEach((top, i) => {
        for (const { index, probability } of top!) {
          expect(
            Math.abs(probability - expected[i]![index]!),
            `${backend} ${names[i]}`,
          ).toBeLessThan(tolerance);
        }
      });
      classifier.dispose();
    }
    network.dispose();
  },
);
