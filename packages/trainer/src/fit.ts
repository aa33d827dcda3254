import { resolve } from 'node:path';
import {
  beginIn,
  beginning,
  createRunFolder,
  findRun,
  goBackTo,
  openToResume,
  positionOf,
  type TrainResult,
  withRunFolder,
} from '@bag-of-tricks/run-folder';
import { readConfig } from './checkpoint/load.ts';
import { absolutePaths } from './config/absolute-paths.ts';
import { ownPart } from './config/base-schema.ts';
import { withWeights } from './config/from-weights.ts';
import {
  knownBy,
  recipeTricks,
  refuseTrickSettings,
  switchesOf,
  withPlugins,
} from './config/known-tricks.ts';
import { parseConfig } from './config/parse.ts';
import type { KnownTricks, TrainConfig, TrainConfigInput } from './config/schema.ts';
import { stepsTaken } from './epoch-steps.ts';
import { openRun, type Run } from './run/open-run.ts';
import { isOptimizer, type OwnParts, ownPartsOf } from './run/own-parts.ts';
import { prepareStep } from './run/prepare-step.ts';
import {
  argsOf,
  describeEnd,
  type GivenAgain,
  keepChanges,
  resumedConfig,
} from './run/resumed-config.ts';
import { checkImagesThere } from './run/same-data.ts';
import { sayProcesses } from './run/same-start.ts';
import { timeStep } from './run/time-step.ts';
import type { FitOptions, ResumeOptions, TrainOptions, WatchOptions } from './run/train-options.ts';
import { runToEnd } from './run-to-end.ts';

/**
 * Trains a network by the recipe (He et al. 2019) and leaves a run folder: `args.yaml`, `env.json`, `summary.csv`, `metrics.jsonl`,
 * `report.html` and `checkpoints/{last,best}`.
 *
 * @example
 * ```ts
 * import { train } from '@bag-of-tricks/trainer';
 *
 * const { evaluation, runFolder } = await train({
 *   model: 'resnet20d',
 *   dataset: 'synthetic', // or dataDir: 'imagenet'
 *   synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 16 },
 *   epochs: 6,
 *   batchSize: 16,
 * });
 * console.log(evaluation?.top1, runFolder);
 * ```
 *
 * @throws ConfigError when the configuration does not fit.
 * @throws SaveError when a checkpoint cannot be written; those before it stay.
 * @throws DivergenceError when the loss or a weight is no longer finite; the last checkpoint stays.
 * @throws Error when data or a teacher is missing.
 */
export async function train(
  input: TrainConfigInput,
  { plugins, ...options }: TrainOptions = {},
): Promise<TrainResult> {
  const known = withPlugins(plugins);
  const config = parseConfig(await withWeights(input, options), { known });
  return begin(config, { known, own: {}, ...options });
}

/**
 * Goes on with an interrupted run, exactly as if it had not been interrupted, from its last checkpoint that is whole and from any
 * working directory, for more `epochs` if they are given. Given one of its checkpoints instead, such as `<run>/checkpoints/best`, it goes on from that, and drops the later
 * ones and their rows. Images that were moved are found by `dataDir`; images that were added, removed, renamed or changed are an error,
 * unless `acceptChangedData` is true.
 *
 * @example
 * ```ts
 * import { resumeTraining, train } from '@bag-of-tricks/trainer';
 *
 * const stop = new AbortController();
 * const { runFolder } = await train(
 *   {
 *     model: 'resnet20d',
 *     dataset: 'synthetic',
 *     synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 16 },
 *     epochs: 6,
 *     batchSize: 16,
 *   },
 *   { signal: stop.signal, hooks: [{ onBatchEnd: () => stop.abort() }] },
 * );
 * const { finished } = await resumeTraining(runFolder);
 * console.log(finished); // true
 * ```
 *
 * @throws RunLockedError when another process works on the run, naming it.
 * @throws SaveError when the folder cannot be written.
 * @throws Error when the folder holds no whole checkpoint, or the images are not those that the run began with.
 */
export async function resumeTraining(
  runFolder: string,
  { plugins, dataDir, epochs, patience, ...options }: ResumeOptions = {},
): Promise<TrainResult> {
  const given = { dataDir, epochs, patience };
  return goOn(runFolder, { known: withPlugins(plugins), own: {}, given, ...options });
}

/**
 * Trains any network on any images: like `train`, but what a recipe names may be an object of one's own.
 *
 * @example
 * ```ts
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import { fit, fromLayersModel, recipeTricks } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await registerTensorFlowBackend();
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.flatten({ inputShape: [8, 8, 3] }),
 *     tf.layers.dropout({ rate: 0.2 }),
 *     tf.layers.dense({ units: 4 }),
 *   ],
 * });
 * const { best } = await fit({
 *   network: fromLayersModel(model, { name: 'perceptron' }),
 *   dataset: 'synthetic', // or data: what `imageDataset` makes of images of your own
 *   synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 16 },
 *   epochs: 6,
 *   batchSize: 16,
 *   optimizer: { name: 'adamw', weightDecay: 0.05 },
 *   learningRate: { base: 1e-3 },
 *   tricks: recipeTricks(),
 * });
 * console.log(best?.top1);
 * ```
 *
 * @throws What `train` throws.
 */
export async function fit({
  network,
  data,
  optimizer,
  loss,
  tricks,
  resume,
  hooks = [],
  signal,
  saveRequested,
  onProgress,
  acceptChangedData,
  cluster,
  ...settings
}: FitOptions): Promise<TrainResult> {
  const configured = tricks ?? recipeTricks();
  const known = knownBy(configured);
  refuseTrickSettings(settings, known);
  const own = ownPartsOf({ network, data, optimizer, loss });
  const watch = { known, own, hooks, signal, saveRequested, onProgress, cluster };
  const given = {
    ...settings,
    ...(optimizer && { optimizer: isOptimizer(optimizer) ? { name: ownPart } : optimizer }),
    ...(loss && { loss: typeof loss === 'function' ? ownPart : loss }),
    ...(network && { model: network.name }),
    ...(data && { dataset: ownPart }),
  };
  if (resume !== undefined) {
    const switches = tricks && switchesOf(tricks, known);
    return goOn(resume, { ...watch, acceptChangedData, given: { ...given, ...switches } });
  }
  const filled = await withWeights(given, { onProgress, signal, network });
  return begin(parseConfig(filled, { known, configured, ownParts: network !== undefined }), watch);
}

interface Going extends WatchOptions {
  readonly known: KnownTricks;
  readonly own: OwnParts;
}

async function begin(config: TrainConfig, going: Going): Promise<TrainResult> {
  const { pluginModules = [], signal, onProgress = () => {} } = going;
  signal?.throwIfAborted();
  const run = await openRun({ config: absolutePaths(config), checkpoint: null, ...going }, going);
  return closing(run, async () => {
    await prepareStep(run, onProgress);
    if (going.onProgress) await timeStep(run, onProgress, signal);
    signal?.throwIfAborted();
    if (run.processes.rank > 0) return runToEnd(run, beginning, null, going);
    const shown = { ...run.config, imageSize: run.dataset.imageShape[0] };
    const runFolder = createRunFolder({ ...shown, now: new Date() });
    return withRunFolder(runFolder, async () => {
      await beginIn(runFolder, argsOf(run.config, pluginModules), onProgress);
      return runToEnd(run, beginning, runFolder, going);
    });
  });
}

async function goOn(
  path: string,
  { given, ...options }: Going & { readonly given: GivenAgain },
): Promise<TrainResult> {
  const { signal, onProgress = () => {} } = options;
  signal?.throwIfAborted();
  const place = await findRun(resolve(path));
  const { runFolder } = place;
  const rank = options.cluster?.rank ?? 0;
  const locked =
    rank === 0 ? withRunFolder : (_: string, action: () => Promise<TrainResult>) => action();
  return locked(runFolder, async () => {
    const checkpoint = await openToResume(place, readConfig(options.known), onProgress);
    const config = resumedConfig(checkpoint, given, options.known);
    checkImagesThere(config, runFolder);
    // Ours are at -1: they stay in front, in their order.
    const order = ({ name }: { readonly name: string }) => checkpoint.state.tricks.indexOf(name);
    const known = [...options.known].sort((a, b) => order(a) - order(b));
    const going = { ...options, known };
    const ended = describeEnd(config, checkpoint.state);
    if (ended) onProgress(`${runFolder}: ${ended}`);
    const run = await openRun({ config, checkpoint, ...going }, going);
    return closing(run, async () => {
      signal?.throwIfAborted();
      if (rank > 0) return runToEnd(run, positionOf(checkpoint), null, going);
      sayProcesses(run, checkpoint, onProgress);
      await keepChanges(run, { checkpoint, ...place, ...options });
      const step = run.renumbered ? stepsTaken(run, positionOf(checkpoint)) : undefined;
      const keeping = { keepBest: config.checkpointHist, step, warn: onProgress };
      await goBackTo(place, checkpoint, keeping);
      return runToEnd(run, positionOf(checkpoint), runFolder, going);
    });
  });
}

async function closing<T>(run: Run, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } finally {
    await run.dispose();
  }
}
