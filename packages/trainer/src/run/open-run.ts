import { resolve } from 'node:path';
import type { Cluster } from '@bag-of-tricks/data-parallel';
import type { DataFingerprint, Dataset } from '@bag-of-tricks/image-data';
import type { Schedule } from '@bag-of-tricks/lr-schedules';
import type { Optimizer } from '@bag-of-tricks/optimizer';
import type { Provenance } from '@bag-of-tricks/pretrained';
import {
  buildTricks,
  type ConfiguredTrick,
  disposeTricks,
  type LossFunction,
  losses,
  type NamedParts,
  type Network,
} from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { type Backend, openBackend } from '../backend.ts';
import { loadNetwork, type OpenedCheckpoint, openScored } from '../checkpoint/load.ts';
import { restoreRun } from '../checkpoint/restore.ts';
import { builtIn, type KnownTricks, type TrainConfig, tricksOf } from '../config/schema.ts';
import { checkLogNames } from '../log-columns.ts';
import { eagerRunner } from '../step/eager-runner.ts';
import { compiledRunner, type Runner } from '../step/runner.ts';
import {
  buildNetwork,
  buildOptimizer,
  buildSchedule,
  rateFactorsOf,
  trainedPart,
} from '../tricks/recipe.ts';
import { type ActivationMeter, activationMeter } from './activation-meter.ts';
import { finiteStep } from './finite-step.ts';
import { headAlone, onFeatures } from './linear-probe.ts';
import { openImages } from './open-images.ts';
import { checkCovers, checkFactors, checkOwnParts, type OwnParts } from './own-parts.ts';
import { imagineProcesses, openProcesses, type RunProcesses } from './run-processes.ts';
import { describe, seesTheSame } from './same-data.ts';
import { beginTogether, requireSameStart } from './same-start.ts';
import { startFromWeights } from './start-weights.ts';
import { stepParts } from './step-parts.ts';

/** Who is told of the long preparations of a run, and what stops them. */
export interface OpenOptions {
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The processes that train it together, each with a batch of its own. Default: this one alone. */
  readonly cluster?: Cluster | null | undefined;
  /** Build the steps as for so many processes, which are not there, in place of `cluster`. */
  readonly imagined?: number | undefined;
  /** Let XLA compile the graph. Default: `false`. */
  readonly xla?: boolean | undefined;
  /** Go on with a run although its images changed. Default: that is an error. */
  readonly acceptChangedData?: boolean | undefined;
  /** The modules that tricks of other packages came from, which the command in `args.yaml` names. */
  readonly pluginModules?: readonly string[] | undefined;
}

/** Everything that a run works with. */
export interface Run {
  /** With what was chosen on this device, so that the run goes on with it on another. */
  readonly config: TrainConfig;
  readonly processes: RunProcesses;
  readonly backend: Backend;
  readonly dataset: Dataset;
  /** What tells its images from others; null where nothing does. */
  readonly data: DataFingerprint | null;
  /** The weights that it started from; null where none were given. */
  readonly pretrained: Provenance | null;
  readonly stepsPerEpoch: number;
  /** Whether an epoch had other steps before, with another number of processes. */
  readonly renumbered: boolean;
  readonly schedule: Schedule;
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly loss: LossFunction;
  readonly tricks: readonly NamedParts[];
  /** Names of the tricks that are not ours. */
  readonly foreignTricks: string[];
  /** Steps in which something was drawn inside of the step; a part of the checkpoint. */
  readonly randomStep: tf.Variable;
  readonly runner: Runner;
  readonly activations: ActivationMeter;
  /** Of a linear probe: what is to be kept in the run folder. */
  readonly features: Awaited<ReturnType<typeof onFeatures>>['features'];
  dispose(): Promise<void>;
}

/** What a run is opened from. */
export interface RunRequest {
  readonly config: TrainConfig;
  readonly known: KnownTricks;
  readonly own: OwnParts;
  readonly checkpoint: OpenedCheckpoint | null;
}

/** The network of another run, checked against what this one sees. */
async function loadOther(
  path: string,
  dataset: Dataset,
  scored: Parameters<typeof openScored>[2],
): Promise<Network> {
  const checkpoint = await openScored(path, 'best', scored);
  if (!seesTheSame(checkpoint.state, dataset)) {
    throw new Error(
      `teacher ${path}: expected a network for ${describe(dataset)} (${dataset.name}), ` +
        `got one for ${describe(checkpoint.state)} (${checkpoint.state.config.dataset}). Train a teacher on the student's dataset`,
    );
  }
  return loadNetwork(checkpoint, scored.known);
}

/** The settings that depend on the device, made definite. */
function resolveSettings(config: TrainConfig, known: KnownTricks): TrainConfig {
  const resolved = tricksOf(config, known).flatMap(({ definition: { name, resolve }, settings }) =>
    resolve ? [[name, resolve(settings)]] : [],
  );
  return { ...config, ...Object.fromEntries(resolved) };
}

/** What was opened so far, in the order of opening. */
function closer(): { add(close: () => unknown): void; close(): Promise<void> } {
  const steps: (() => unknown)[] = [];
  return {
    add: (close) => void steps.push(close),
    async close() {
      for (const step of steps.splice(0).reverse()) await step();
    },
  };
}

/**
 * Loads the backend and the data, builds network, optimiser, tricks and step, and restores a checkpoint into them.
 *
 * @throws Error when data, a network or the checkpoint is missing or does not fit; the signal's reason when aborted.
 */
export async function openRun(request: RunRequest, options: OpenOptions = {}): Promise<Run> {
  const opened = closer();
  try {
    return await buildRun(request, options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface NetworkRequest extends RunRequest {
  readonly configured: readonly ConfiguredTrick[];
  readonly dataset: Dataset;
  readonly opened: ReturnType<typeof closer>;
}

/** The network of a run with the weights that it starts from. */
async function openNetwork(
  { config, known, configured, own, checkpoint, dataset, opened }: NetworkRequest,
  { onProgress: say = () => {}, signal }: OpenOptions,
): Promise<Pick<Run, 'network' | 'pretrained'> & { readonly newHead: string | null }> {
  const { classNames, imageShape } = dataset;
  const shape = { numClasses: classNames.length, inputChannels: imageShape[2] };
  const network = own.network ?? buildNetwork(config, { known, on: configured }, shape);
  if (!own.network) opened.add(() => network.dispose());
  else
    for (const { definition } of configured) {
      if (definition.network)
        say(`${definition.name}: does nothing to a network that was passed in`);
    }
  const { pretrained: from, linearProbe } = config;
  const starting = { pretrained: from, checkpoint, classNames, signal, say };
  const { provenance: pretrained, newHead } = await startFromWeights(network, starting);
  return { network: linearProbe ? headAlone(network) : network, pretrained, newHead };
}

const foreignIn = (configured: readonly ConfiguredTrick[]) =>
  configured
    .filter(({ definition }) => !builtIn.includes(definition))
    .map(({ definition }) => definition.name);

async function buildRun(
  { config: requested, known, own, checkpoint }: RunRequest,
  options: OpenOptions,
  opened: ReturnType<typeof closer>,
): Promise<Run> {
  const { onProgress = () => {}, signal, cluster = null, imagined, xla } = options;
  checkOwnParts(own, requested);
  if (cluster !== null) beginTogether(requested);
  const { backend: name } = requested;
  const backend = await openBackend({ name, onProgress, signal });
  const onWait = (message: string) => onProgress(`Warning: ${message}`);
  const processes = await (imagined === undefined
    ? openProcesses(cluster, signal, onWait)
    : imagineProcesses(imagined));
  opened.add(() => processes.dispose());
  const config = resolveSettings(requested, known);
  const configured = tricksOf(config, known);
  const wanted = { config, own, checkpoint, processes, opened };
  const images = await openImages(wanted, options);
  const { dataset, data, stepsPerEpoch } = images;
  const schedule = buildSchedule(config, configured, { stepsPerEpoch, processes: processes.size });
  const asked = { config, known, configured, own, checkpoint, dataset, opened };
  const { network: whole, pretrained, newHead } = await openNetwork(asked, { onProgress, signal });
  checkFactors({ ...own, newHead }, rateFactorsOf(whole, configured));
  const network = trainedPart(whole, configured);
  const optimizer = own.optimizer ?? buildOptimizer(network, config, configured);
  if (!own.optimizer) opened.add(() => optimizer.dispose());
  checkCovers(optimizer, network);
  const tricks = await buildTricks(configured, {
    ...{ network, dataset, config, stepsPerEpoch, processes },
    loadNetwork: (path) => loadOther(path, dataset, { known, warn: onProgress }),
  });
  opened.add(() => disposeTricks(tricks));
  checkLogNames(tricks);
  const randomStep = tf.tidy(() => tf.variable(tf.scalar(0, 'int32'), false));
  opened.add(() => randomStep.dispose());
  const loss = own.loss ?? losses[config.loss as Exclude<TrainConfig['loss'], 'own'>];
  const parts = { network, optimizer, loss, tricks, randomStep };
  if (checkpoint) await restoreRun(checkpoint, parts);
  const begun = { backend, network, dataset, data, config, stepsPerEpoch, tricks };
  await requireSameStart(processes, begun, { ...options, checkpoint });
  const activations = activationMeter();
  const { linearProbe } = config;
  const runs = checkpoint ? resolve(checkpoint.folder, '../../..') : config.output;
  const seen = linearProbe
    ? await onFeatures({ network, dataset, data, tricks, config, runs }, { onProgress, signal })
    : { network, dataset, features: null };
  // What computed the features does not change.
  const guards = finiteStep(linearProbe ? { buffers: {} } : network, tricks);
  const wraps = [...tricks, ...guards, activations.wrap];
  const runnerParts = stepParts({ ...parts, ...seen, config, processes }, wraps);
  const runner = await (config.compile
    ? compiledRunner(runnerParts, { ...(cluster && { cluster }), ...(xla && { xla }) })
    : eagerRunner(runnerParts));
  opened.add(() => processes.freed(runner.dispose()));
  const foreignTricks = foreignIn(configured);
  const fixed = { activations, foreignTricks, config, backend, schedule, processes };
  const last = { pretrained, runner, dispose: () => opened.close() };
  return { ...parts, ...images, ...fixed, ...seen, ...last };
}
