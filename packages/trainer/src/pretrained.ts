import {
  loadWeights,
  type OpenWeightsOptions,
  openWeights,
  type Provenance,
  type Weights,
} from '@bag-of-tricks/pretrained';
import type { Network, NetworkOptions } from '@bag-of-tricks/train-step';
import { openBackend } from './backend.ts';
import { modelOf } from './config/from-weights.ts';
import { createNetwork } from './networks.ts';
import { asLoadable } from './run/start-weights.ts';

/** A network with weights that were trained before, which `fit` starts from. */
export interface PretrainedNetwork extends Network {
  /** What is known of the weights, where they came from, and the last layer where that has learned nothing. */
  readonly pretrained: {
    readonly weights: Weights;
    readonly provenance: Provenance;
    readonly newHead: string | null;
  };
}

/** Options of `pretrained`; those that no line explains are of `createNetwork`. */
export interface PretrainedOptions
  extends Omit<OpenWeightsOptions, 'check'>,
    Partial<NetworkOptions> {
  /** A network by its name. Default: what the weights say. */
  readonly model?: string;
  /** What computes, as in `fit`. Default: `tensorflow`. */
  readonly backend?: string;
  /** Default: those of the weights. Another number means a new last layer, drawn by `seed`. */
  readonly numClasses?: number;
}

/**
 * Builds the network that weights are of, and loads them: a `.safetensors` file, a folder of timm's with `config.json`, a run or
 * checkpoint of ours, or `hf:owner/name`. Its backend becomes the current one, as in `fit`. There image size, mean and deviation are the weights' where none are given.
 *
 * @example
 * ```ts
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
 * import { createNetwork, fit, pretrained } from '@bag-of-tricks/trainer';
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 *
 * await registerTensorFlowBackend();
 * const options = { numClasses: 10, inputChannels: 3, init: 'xavier', seed: 1 } as const;
 * const trained = await createNetwork('resnet20d', options).toStateDict!();
 * const path = join(await mkdtemp(join(tmpdir(), 'weights-')), 'resnet20d.safetensors');
 * const entries = Object.entries(trained).map(([name, one]) => [name, { dtype: 'F32', ...one }] as const);
 * await writeSafetensors(path, entries);
 *
 * const { best } = await fit({
 *   network: await pretrained(path, { numClasses: 4 }),
 *   dataset: 'synthetic',
 *   synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 16 },
 *   epochs: 6,
 *   batchSize: 16,
 * });
 * console.log(best?.top1);
 * ```
 *
 * @throws ConfigError when nothing says which network it is; Error when the weights do not fit it, or cannot be read.
 */
export async function pretrained(
  source: string,
  {
    model,
    backend,
    cacheDir,
    hubUrl,
    accessToken,
    stallAfter,
    onProgress = () => {},
    signal,
    ...options
  }: PretrainedOptions = {},
): Promise<PretrainedNetwork> {
  const check = model === undefined ? modelOf : undefined;
  const reaching = { cacheDir, hubUrl, accessToken, stallAfter, onProgress, signal, check };
  const weights = await openWeights(source, reaching);
  const shape = {
    numClasses: weights.numClasses ?? 1000,
    inputChannels: weights.input.channels ?? 3,
  };
  const name = model ?? modelOf(weights);
  await openBackend({ name: backend, onProgress, signal });
  const network = createNetwork(name, { ...shape, init: 'xavier', seed: 42, ...options });
  try {
    const { notes, ...loaded } = await loadWeights(asLoadable(network), weights);
    for (const note of notes) onProgress(`pretrained ${source}: ${note}`);
    return { ...network, pretrained: { weights, ...loaded } };
  } catch (error) {
    network.dispose();
    throw error;
  }
}
