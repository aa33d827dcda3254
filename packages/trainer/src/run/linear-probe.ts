import type { Batches, Dataset, SkippedImage } from '@bag-of-tricks/image-data';
import { epochData, freeze, type NamedParts, type Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { type FeatureExtractor, featureExtractor } from '../step/feature-extractor.ts';
import { type FeatureDataset, type Features, featureDataset } from './feature-dataset.ts';
import { gigabytes, machineMemory } from './machine-memory.ts';

type Probed = Network & Required<Pick<Network, 'features' | 'logits'>>;

/**
 * The network with nothing but its last layer to train.
 *
 * @throws ConfigError for one that does not say which its last layer is.
 */
export function headAlone(network: Network): Network {
  const { features, logits, groups, name } = network;
  const head = groups?.filter(({ stage }) => stage === 'head').flatMap((one) => one.parameters);
  if (!features || !logits || !head?.length) {
    throw new ConfigError(
      `linearProbe: expected a network that says its last layer (\`features\`, \`logits\` and a group 'head'), got ${name} without them. Add them to it, or train with --freeze`,
    );
  }
  return freeze(network, (parameter) => !head.includes(parameter));
}

interface Probing {
  readonly network: Network;
  readonly dataset: Dataset;
  readonly tricks: readonly NamedParts[];
  readonly config: TrainConfig;
}

interface Watching {
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Images that would have to be looked at in every epoch anew have no features that can be kept. */
function checkImages({ dataset, tricks, config }: Probing): NonNullable<Dataset['plainBatches']> {
  const { imageSize, augment = [] } = epochData(tricks, 0);
  if (imageSize !== undefined || augment.length > 0) {
    throw new ConfigError(
      'linearProbe: expected images that are the same in every epoch, got a trick that changes them. Switch off what augments images or changes their size',
    );
  }
  const { plainBatches, worldSize = 1 } = dataset;
  if (plainBatches && worldSize === 1) return plainBatches;
  const got = plainBatches ? `one of ${worldSize} processes that share it` : 'one without them';
  throw new ConfigError(
    `linearProbe: expected a dataset with \`plainBatches\` for this process alone, got ${got} (${config.dataset}). Make it with imageDataset`,
  );
}

/**
 * A linear probe: what the last layer sees of every image is computed once, without augmentation, and the run trains that layer alone
 * on it. The network is saved whole.
 *
 * @throws ConfigError when tricks change images from epoch to epoch, or the features do not fit the memory; the signal's reason when aborted.
 */
export async function onFeatures(
  probing: Probing,
  { onProgress: say, signal }: Watching,
): Promise<{ readonly network: Network; readonly dataset: FeatureDataset }> {
  const { dataset, config } = probing;
  const network = probing.network as Probed;
  const plainBatches = checkImages(probing);
  const { trainSize, evalSize, imageShape } = dataset;
  say(
    `Linear probe: computing the features of ${trainSize} training and ${evalSize} evaluation images, as evaluation sees them; augmentation plays no part`,
  );
  const started = performance.now();
  const making = { pixels: dataset, imageShape, compiled: config.compile };
  const extractor = await featureExtractor(network, making);
  const load = {
    signal,
    onBadImage: ({ image, reason }: SkippedImage) => say(`Left out: ${image}: ${reason}`),
  };
  const part = { batchSize: Math.min(config.evalBatchSize, 64), epoch: 0, seed: config.seed };
  const gather = (batches: Batches, size: number, split: string) =>
    gatherFeatures(batches, { extractor, size, split, say, signal });
  try {
    const train = await gather(plainBatches(part, load), trainSize, 'training');
    const evaluation = await gather(dataset.evalBatches(part, load), evalSize, 'evaluation');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const features = train.values.length / train.labels.length;
    say(`Linear probe: ${features} features an image, computed in ${seconds} s`);
    const head = (rows: tf.Tensor4D) =>
      tf.tidy(() => network.logits(tf.reshape(rows, [-1, features])));
    return {
      network: { ...network, apply: head },
      dataset: featureDataset(dataset, { train, evaluation }),
    };
  } finally {
    await extractor.dispose();
  }
}

interface Gathering extends Pick<Watching, 'signal'> {
  readonly extractor: FeatureExtractor;
  readonly size: number;
  readonly split: string;
  readonly say: (line: string) => void;
}

/** The features of every image that can be used, in order. */
async function gatherFeatures(
  batches: Batches,
  { extractor, size, split, say, signal }: Gathering,
): Promise<Features> {
  let values: Float32Array | null = null;
  const labels = new Int32Array(size);
  let [count, width, said] = [0, 0, performance.now()];
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const features = await extractor.featuresOf(batch);
    width = features.length / batch.labels.length;
    values ??= new Float32Array(checkedSize(size, width));
    for (const [row, label] of batch.labels.entries()) {
      if (label < 0) continue;
      values.set(features.subarray(row * width, (row + 1) * width), count * width);
      labels[count++] = label;
    }
    if (performance.now() - said < 10_000) continue;
    said = performance.now();
    say(`Linear probe: ${count} of ${size} ${split} images`);
  }
  signal?.throwIfAborted();
  if (!values || count === 0) {
    throw new Error(
      `linearProbe: expected a usable image among the ${size} ${split} images, got none. Check the files`,
    );
  }
  const found = values.subarray(0, count * width);
  if (found.every(Number.isFinite)) return { values: found, labels: labels.subarray(0, count) };
  throw new Error(
    'linearProbe: expected finite features, got NaN or infinity: weights or running statistics are not finite. Use others',
  );
}

/** The numbers of all features, which may take half of the memory. */
function checkedSize(images: number, width: number): number {
  const bytes = 4 * images * width;
  const available = machineMemory() / 2;
  if (bytes <= available) return images * width;
  throw new ConfigError(
    `linearProbe: expected features that fit ${gigabytes(available)}, half of the memory here, got ${gigabytes(bytes)}: ${width} numbers of ${images} images. Give --limit-samples`,
  );
}
