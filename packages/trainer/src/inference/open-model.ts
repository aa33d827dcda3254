import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { InferenceDescription } from '@bag-of-tricks/classifier';
import { explainCode } from '@bag-of-tricks/durable-files';
import { checkClassNames, loadWeights, openWeights } from '@bag-of-tricks/pretrained';
import { type CheckpointState, checkpointsIn, openFolder } from '@bag-of-tricks/run-folder';
import type { Network, Trick } from '@bag-of-tricks/train-step';
import { nativeBackend, openBackend } from '../backend.ts';
import { loadNetwork, type OpenedCheckpoint, openScored, readConfig } from '../checkpoint/load.ts';
import { withPlugins } from '../config/known-tricks.ts';
import type { KnownTricks } from '../config/schema.ts';
import { createNetwork } from '../networks.ts';
import { asLoadable } from '../run/start-weights.ts';
import { describeWeights, modelIn } from './describe-weights.ts';
import { type DecodeLimits, describeInference } from './description.ts';
import type { ScoringSettings } from './open-scorer.ts';

/** Options of `openModel`. */
export interface ModelOptions {
  /** Which checkpoint of a run folder. Default: `best`. */
  readonly link?: 'best' | 'last';
  /** The network of a run that was given one. Default: the one that the checkpoint names. */
  readonly network?: Network | undefined;
  /** Tricks of other packages that the run has. */
  readonly plugins?: readonly Trick[] | undefined;
  /** What computes. Default: what the run trained on; `tensorflow` for weights alone. */
  readonly backend?: string | undefined;
  /** Names of the classes, by index, in place of those that the weights have. */
  readonly classNames?: readonly string[] | undefined;
  /** Called with a line of text during long preparations. */
  readonly onProgress?: (message: string) => void;
  /** Ends the preparations. */
  readonly signal?: AbortSignal | undefined;
}

/** What of a run's checkpoint is worth knowing wherever its weights go. */
type CheckpointRecord = Pick<CheckpointState, 'epoch' | 'weights' | 'score' | 'pretrained'>;

/** A network with its weights and all that belongs to its predictions. */
export interface OpenedModel {
  readonly description: InferenceDescription;
  readonly network: Network;
  /** What computes, by its name. */
  readonly backend: string;
  /** The folder or file that the weights are from. */
  readonly source: string;
  /** Of the weights, or of those that a run began with; null is not known. */
  readonly license: string | null;
  /** Which of a run it is; null for weights alone. */
  readonly checkpoint: CheckpointRecord | null;
  /** Of a run; null for weights alone. */
  readonly scoring: ScoringSettings | null;
  readonly limits: DecodeLimits;
}

/**
 * Opens a run folder, a checkpoint, a file of weights in one, a `.safetensors` file or folder of timm's, or `hf:owner/name`.
 *
 * @throws Error when there is none, it is damaged, or it is of another network.
 */
export async function openModel(path: string, options: ModelOptions): Promise<OpenedModel> {
  const known = withPlugins(options.plugins);
  const { onProgress: warn = () => {}, link = 'best' } = options;
  const folder = dirname(path);
  const [, weights] = /^model(?:-(.+))?\.safetensors$/.exec(basename(path)) ?? [];
  const isFile = existsSync(path) && statSync(path).isFile();
  if (isFile && existsSync(join(folder, 'state.json'))) {
    const { state } = await openFolder(folder, readConfig(known), {
      reads: () => [basename(path)],
      warn,
    });
    return ofCheckpoint({ folder, state: { ...state, weights: weights ?? null } }, known, options);
  }
  const isOurs = existsSync(join(path, 'state.json')) || existsSync(checkpointsIn(path));
  const among = dirname(resolve(path));
  const isLost = !existsSync(path) && among === checkpointsIn(dirname(among));
  if (!isOurs && !isLost) return ofWeights(path, options);
  return ofCheckpoint(await openScored(path, link, { known, warn }), known, options);
}

async function ofCheckpoint(
  checkpoint: OpenedCheckpoint,
  known: KnownTricks,
  options: ModelOptions,
): Promise<OpenedModel> {
  const { network: own, classNames = checkpoint.state.classNames, onProgress, signal } = options;
  const { folder, state } = checkpoint;
  const { config, epoch, weights, score, pretrained } = state;
  const { maxImageBytes, maxScanPixels } = config.input;
  const description = { ...describeInference(state), classNames };
  checkClassNames(classNames, {
    numClasses: state.classNames.length,
    from: `${folder}: --class-names`,
  });
  const { backend = config.backend } = options;
  await openBackend({ name: backend, onProgress, signal });
  return {
    backend,
    description,
    network: await loadNetwork(checkpoint, known, own),
    license: pretrained?.license ?? null,
    checkpoint: { epoch, weights, score, pretrained },
    ...{ source: folder, scoring: { config, known }, limits: { maxImageBytes, maxScanPixels } },
  };
}

async function ofWeights(
  path: string,
  { onProgress = () => {}, signal, classNames, backend = nativeBackend }: ModelOptions,
): Promise<OpenedModel> {
  const weights = await openWeights(path, { onProgress, signal, check: modelIn });
  const read = await weights.read();
  const { description, assumed } = describeWeights(weights, read.stateDict, classNames);
  if (description.model !== weights.architecture) {
    onProgress(`${path}: taken for ${description.model}, the longest name of a network in it`);
  }
  if (assumed !== null) onProgress(`${path}: ${assumed}`);
  const { channels, classNames: names, model } = description;
  if (!classNames && !weights.classNames) {
    onProgress(
      `${path}: nothing names its ${names.length} classes: taken as class 0 to class ${names.length - 1}. Give the names with --class-names`,
    );
  }
  await openBackend({ name: backend, onProgress, signal });
  const shape = { numClasses: names.length, inputChannels: channels };
  const network = createNetwork(model, { ...shape, init: 'xavier', seed: 0 });
  try {
    // Names that were given are instead of those of the weights.
    const named = { ...weights, classNames: names, read: () => Promise.resolve(read) };
    await loadWeights(asLoadable(network), named);
  } catch (error) {
    network.dispose();
    throw error;
  }
  const { source, license } = weights;
  const none = { checkpoint: null, scoring: null, limits: {} };
  return { description, network, source, license, backend, ...none };
}

/** Names of classes from a file: a JSON array, or a line each; one may stand twice, as in ImageNet's. */
export async function readClassNames(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(
      `${file}: expected a file with the names of the classes, got ${explainCode(cause)}. Check the path`,
      { cause },
    );
  });
  const isJson = file.toLowerCase().endsWith('.json');
  if (!isJson) return text.split(/\r?\n/).filter((line) => line !== '');
  const wrong = (got: string, cause?: unknown) =>
    new Error(
      `${file}: expected a JSON array of class names, got ${got}. Correct it, or give a text file with a name a line`,
      { cause },
    );
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw wrong(text.trim().slice(0, 80));
}
