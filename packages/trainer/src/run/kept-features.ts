import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFingerprint, Dataset } from '@bag-of-tricks/image-data';
import { toFloat32Array, toTypedArray } from '@bag-of-tricks/safetensors';
import { openSafetensors, writeSafetensors } from '@bag-of-tricks/safetensors/node';
import type { Network } from '@bag-of-tricks/train-step';
import { readTensors } from '../checkpoint/tensors.ts';
import { ownPart } from '../config/base-schema.ts';
import type { TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { version } from '../version.ts';
import type { BothFeatures } from './feature-dataset.ts';
import { gigabytes, machineMemory } from './machine-memory.ts';

const fileIn = (runFolder: string) => join(runFolder, 'features.safetensors');

/** What features are computed with. */
export interface FeaturesOf {
  /** With nothing but its last layer to train: its buffers are all else. */
  readonly network: Network;
  readonly dataset: Dataset;
  readonly data: DataFingerprint | null;
  readonly config: TrainConfig;
}

/** Stands for all that features depend on: weights, images, transform, seed and the code by its version; null where nothing tells the images from others. */
export async function featuresKey(of: FeaturesOf): Promise<string | null> {
  const { network, dataset, data, config } = of;
  if (!data && config.dataset === ownPart) return null;
  const { workers, prefetchMegabytes, cacheMegabytes, ...transform } = config.input;
  const { imageShape, mean, std } = dataset;
  const images = data?.record.digest ?? [config.dataset, config.dataDir, config.synthetic];
  const { seed, limitSamples } = config;
  const seen = { images, transform, imageShape, mean, std, seed, limitSamples, version };
  const hash = createHash('sha256').update(JSON.stringify([network.name, seen]));
  for (const [name, { shape, data: weights }] of Object.entries(await readTensors(network.buffers)))
    hash.update(JSON.stringify([name, shape])).update(weights);
  return hash.digest('hex');
}

/** The SHA-256 of all values and labels. */
function checksumOf({ train, evaluation }: BothFeatures): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of [train, evaluation].flatMap(
    ({ values, labels }) => [values, labels],
  )) {
    // Node refuses to take 2 GiB and more at once.
    for (let at = 0; at < byteLength; at += 2 ** 30)
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(2 ** 30, byteLength - at)));
  }
  return hash.digest('hex');
}

/** Writes the features of a probe into its run folder; one that cannot goes on without, and `warn` is told. */
export async function keepFeatures(
  runFolder: string,
  features: (BothFeatures & { readonly key: string }) | null,
  warn: (message: string) => void,
): Promise<void> {
  if (!features) return;
  const { key, train, evaluation } = features;
  const tensors = Object.entries({ train, evaluation }).flatMap(([split, { values, labels }]) => {
    const shape = [labels.length, values.length / labels.length];
    return [
      [`${split}.values`, { dtype: 'F32', shape, data: values }],
      [`${split}.labels`, { dtype: 'I32', shape: [labels.length], data: labels }],
    ] as const;
  });
  const metadata = { key, sha256: checksumOf(features) };
  await writeSafetensors(fileIn(runFolder), tensors, { metadata }).catch((error: Error) =>
    warn(
      `Warning: ${fileIn(runFolder)}: the features could not be kept, a resumed run computes them again: ${error.message}`,
    ),
  );
}

/** The features in a file; null where they are of another key. */
async function readFeatures(path: string, key: string): Promise<BothFeatures | null> {
  const file = await openSafetensors(path);
  try {
    if (file.metadata.key !== key) return null;
    const sizeOf = (name: string, axis: number) => file.tensors.get(name)?.shape[axis] ?? 0;
    const images = sizeOf('train.labels', 0) + sizeOf('evaluation.labels', 0);
    checkSize(images, sizeOf('train.values', 1));
    const split = async (name: string) => ({
      values: toFloat32Array(await file.read(`${name}.values`)),
      labels: toTypedArray(await file.read(`${name}.labels`)) as Int32Array,
    });
    const features = { train: await split('train'), evaluation: await split('evaluation') };
    if (checksumOf(features) === file.metadata.sha256) return features;
    throw new Error(`${path}: expected the bytes that were written, got others`);
  } finally {
    await file.close();
  }
}

/** The features of this key in one of the run folders in `folder`; null where there are none. `say` is told of damaged ones, and of others. */
export async function findFeatures(
  folder: string,
  key: string,
  say: (line: string) => void,
): Promise<BothFeatures | null> {
  const names = await readdir(folder).catch(() => []);
  let others = 0;
  for (const path of names.map((name) => fileIn(join(folder, name)))) {
    if (!existsSync(path)) continue;
    try {
      const features = await readFeatures(path, key);
      if (features) {
        say(`Linear probe: the features are those in ${path}, of the same weights and images`);
        return features;
      }
      others += 1;
    } catch (error) {
      say(`Warning: ${(error as Error).message}. These features are not used`);
    }
  }
  if (others > 0)
    say(
      `Linear probe: the features in ${others} of the run folders in ${folder} are of other weights, images or settings`,
    );
  return null;
}

/** @throws ConfigError when the features of so many images take more than half of the memory. */
export function checkSize(images: number, width: number): void {
  const bytes = 4 * images * width;
  const available = machineMemory() / 2;
  if (bytes <= available) return;
  throw new ConfigError(
    `linearProbe: expected features that fit ${gigabytes(available)}, half of the memory here, got ${gigabytes(bytes)}: ${width} numbers of ${images} images. Give --limit-samples`,
  );
}
