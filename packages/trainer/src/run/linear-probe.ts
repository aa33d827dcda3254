import type { Batches, Dataset, SkippedImage } from '@bag-of-tricks/image-data';
import { freeze, type NamedParts, type Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors.ts';
import { type FeatureExtractor, featureExtractor } from '../step/feature-extractor.ts';
import {
  type BothFeatures,
  type FeatureDataset,
  type Features,
  featureDataset,
  featureShapeOf,
} from './feature-dataset.ts';
import { checkSize, type FeaturesOf, featuresKey, findFeatures } from './kept-features.ts';

type Probable = Network & Required<Pick<Network, 'features' | 'logits'>>;

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

interface Probing extends FeaturesOf {
  readonly tricks: readonly NamedParts[];
  /** Where run folders are, one of which may have the features. */
  readonly runs: string;
}

interface Watching {
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What a probe trains on. */
interface Probed {
  readonly network: Network;
  readonly dataset: FeatureDataset;
  /** Features that are in no run folder yet, and their key. */
  readonly features: (BothFeatures & { readonly key: string }) | null;
}

/** Images that would have to be looked at in every epoch anew have no features that can be kept. */
function checkImages({ dataset, tricks, config }: Probing): NonNullable<Dataset['plainBatches']> {
  const needing = tricks.filter(({ needsImages, data }) => needsImages || data);
  if (needing.length > 0) {
    throw new ConfigError(
      `linearProbe: expected tricks that work on features, got ${needing.map(({ name }) => name).join(', ')}: what needs the images themselves has no meaning there. Switch it off`,
    );
  }
  const { plainBatches, worldSize = 1 } = dataset;
  if (plainBatches && worldSize === 1) return plainBatches;
  const got = plainBatches ? `one of ${worldSize} processes that share it` : 'one without them';
  throw new ConfigError(
    `linearProbe: expected a dataset with \`plainBatches\` for this process alone, got ${got} (${config.dataset}). Make it with imageDataset`,
  );
}

/** The network with its last layer in the place of the whole. */
const onRows = (network: Network, width: number): Network => ({
  ...network,
  apply: (rows) => tf.tidy(() => (network as Probable).logits(tf.reshape(rows, [-1, width]))),
});

/**
 * A linear probe: what the last layer sees of every image is computed once, without augmentation, and the run trains that layer alone
 * on it. The network is saved whole. Features that a run folder has are not computed again.
 *
 * @throws ConfigError when tricks need images, or the features do not fit the memory; the signal's reason when aborted.
 */
export async function onFeatures(probing: Probing, watching: Watching): Promise<Probed> {
  const { network, dataset, runs } = probing;
  const shape = featureShapeOf(dataset);
  // Of a step that is taken again.
  if (shape) {
    const features = dataset as FeatureDataset;
    return { network: onRows(network, shape[2]), dataset: features, features: null };
  }
  const plainBatches = checkImages(probing);
  const key = await featuresKey(probing);
  const kept = key && (await findFeatures(runs, key, watching.onProgress));
  const both = kept || (await computeFeatures(probing, plainBatches, watching));
  const onThem = featureDataset(dataset, both);
  return {
    network: onRows(network, onThem.featureShape[2]),
    dataset: onThem,
    features: kept || key === null ? null : { ...both, key },
  };
}

async function computeFeatures(
  { network, dataset, config }: Probing,
  plainBatches: NonNullable<Dataset['plainBatches']>,
  { onProgress: say, signal }: Watching,
): Promise<BothFeatures> {
  const { trainSize, evalSize, imageShape } = dataset;
  say(
    `Linear probe: computing the features of ${trainSize} training and ${evalSize} evaluation images, as evaluation sees them; augmentation plays no part`,
  );
  const started = performance.now();
  const making = { pixels: dataset, imageShape, compiled: config.compile };
  const extractor = await featureExtractor(network as Probable, making);
  const load = {
    signal,
    onBadImage: ({ image, reason }: SkippedImage) => say(`Left out: ${image}: ${reason}`),
  };
  const part = { batchSize: Math.min(config.evalBatchSize, 64), epoch: 0, seed: config.seed };
  const all = trainSize + evalSize;
  const gather = (batches: Batches, size: number, split: string) =>
    gatherFeatures(batches, { extractor, size, all, split, say, signal });
  try {
    const train = await gather(plainBatches(part, load), trainSize, 'training');
    const evaluation = await gather(dataset.evalBatches(part, load), evalSize, 'evaluation');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const width = train.values.length / train.labels.length;
    say(`Linear probe: ${width} features an image, computed in ${seconds} s`);
    return { train, evaluation };
  } finally {
    await extractor.dispose();
  }
}

interface Gathering extends Pick<Watching, 'signal'> {
  readonly extractor: FeatureExtractor;
  readonly size: number;
  /** Images of both splits. */
  readonly all: number;
  readonly split: string;
  readonly say: (line: string) => void;
}

/** The features of every image that can be used, in order. */
async function gatherFeatures(
  batches: Batches,
  { extractor, size, all, split, say, signal }: Gathering,
): Promise<Features> {
  let values: Float32Array | null = null;
  const labels = new Int32Array(size);
  let [count, width, said] = [0, 0, performance.now()];
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const features = await extractor.featuresOf(batch);
    width = features.length / batch.labels.length;
    checkSize(all, width);
    values ??= new Float32Array(size * width);
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
