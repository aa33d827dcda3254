import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Optimizer } from '@bag-of-tricks/optimizer';
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint/load.ts';
import { absolutePaths } from './config/absolute-paths.ts';
import { type BaseConfigInput, ownPart } from './config/base-schema.ts';
import { ownDataset } from './config/data-schema.ts';
import { knownBy, recipeTricks, refuseTrickSettings, withPlugins } from './config/known-tricks.ts';
import { parseConfig } from './config/parse.ts';
import type { KnownTricks, TrainConfig, TrainConfigInput } from './config/schema.ts';
import type { TrainResult } from './log/hooks.ts';
import { runEpochs } from './loop.ts';
import { createRunFolder } from './run/folder.ts';
import { openLogs } from './run/open-logs.ts';
import { openRun, type Run } from './run/open-run.ts';
import type { OwnParts } from './run/own-parts.ts';
import { beginning, type Position } from './run/position.ts';
import { keepList } from './run/same-data.ts';
import type { ResumeOptions, TrainOptions, WatchOptions } from './run/train-options.ts';
import type { LossFunction } from './step/train-step.ts';
import type { ConfiguredTrick } from './tricks/trick.ts';

/** Options of `fit`: the settings of a recipe that belong to no trick, and objects of one's own. */
export interface FitOptions
  extends Omit<BaseConfigInput, 'optimizer' | 'loss'>,
    Pick<OwnParts, 'network' | 'data'>,
    WatchOptions {
  /** Settings of one of ours, or an optimiser over the parameters of `network`, which stays the caller's to dispose. */
  readonly optimizer?: BaseConfigInput['optimizer'] | Optimizer;
  /** One of ours by its name, or a function of (targets, logits). */
  readonly loss?: BaseConfigInput['loss'] | LossFunction;
  /**
   * Exactly these tricks. Default: those of the paper's recipe, as `recipeTricks()` returns them. Where two wrap the same stage of a
   * step, ours keep the order of the export `tricks`, however they are given here; those of others are around them in the order
   * given, the last one outermost. A resumed run keeps the order that it began with.
   */
  readonly tricks?: readonly ConfiguredTrick[];
  /** Goes on with the run in this folder; the settings are then the run's. */
  readonly resume?: string;
}

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
 * @throws DivergenceError when the loss or a weight is no longer finite; the last checkpoint stays.
 * @throws Error when data or a teacher is missing.
 */
export async function train(
  input: TrainConfigInput,
  { plugins, ...options }: TrainOptions = {},
): Promise<TrainResult> {
  const known = withPlugins(plugins);
  return begin(parseConfig(input, { known }), { known, own: {}, ...options });
}

/**
 * Goes on with an interrupted run, exactly as if it had not been interrupted, from any working directory. Images that were moved are
 * found by `dataDir`; images that were added, removed, renamed or changed are an error, unless `acceptChangedData` is true.
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
 * @throws Error when the folder holds no whole checkpoint, or the images are not those that the run began with.
 */
export async function resumeTraining(
  runFolder: string,
  { plugins, ...options }: ResumeOptions = {},
): Promise<TrainResult> {
  return goOn(runFolder, { known: withPlugins(plugins), own: {}, ...options });
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
  tricks: configured = recipeTricks(),
  resume,
  hooks = [],
  signal,
  onProgress,
  acceptChangedData,
  ...settings
}: FitOptions): Promise<TrainResult> {
  const known = knownBy(configured);
  refuseTrickSettings(settings, known);
  const own = {
    ...(network && { network }),
    ...(data && { data }),
    ...(isOptimizer(optimizer) && { optimizer }),
    ...(typeof loss === 'function' && { loss }),
  };
  const watch = { known, own, hooks, ...(signal && { signal }), ...(onProgress && { onProgress }) };
  if (resume !== undefined) {
    return goOn(resume, { ...watch, acceptChangedData, dataDir: settings.dataDir ?? undefined });
  }
  const config = parseConfig(
    {
      ...settings,
      ...(optimizer && { optimizer: isOptimizer(optimizer) ? { name: ownPart } : optimizer }),
      ...(loss && { loss: typeof loss === 'function' ? ownPart : loss }),
      ...(network && { model: network.name }),
      ...(data && { dataset: ownDataset }),
    },
    { known, configured, ownParts: network !== undefined },
  );
  return begin(config, watch);
}

const isOptimizer = (given: FitOptions['optimizer']): given is Optimizer =>
  given !== undefined && 'applyGradients' in given;

interface Going extends WatchOptions {
  readonly known: KnownTricks;
  readonly own: OwnParts;
  readonly pluginModules?: readonly string[];
}

async function begin(config: TrainConfig, going: Going): Promise<TrainResult> {
  const { pluginModules = [], signal } = going;
  signal?.throwIfAborted();
  const run = await openRun({ config: absolutePaths(config), checkpoint: null, ...going }, going);
  const imageSize = run.dataset.imageShape[0];
  return runToEnd(run, beginning, going, () =>
    createRunFolder(run.config, { imageSize, now: new Date(), pluginModules }),
  );
}

async function goOn(
  runFolder: string,
  { dataDir, ...options }: Going & Pick<ResumeOptions, 'dataDir'>,
): Promise<TrainResult> {
  options.signal?.throwIfAborted();
  const last = join(runFolder, 'checkpoints', 'last');
  if (!existsSync(last)) {
    throw new Error(
      `resume ${runFolder}: expected a run folder, with a checkpoint at checkpoints/last in it, found none. Check the path, and give the run folder, not one of its checkpoints`,
    );
  }
  const checkpoint = await openCheckpoint(last, 'last', options.known);
  const { config: kept, epoch, tricks } = checkpoint.state;
  const config = absolutePaths(dataDir === undefined ? kept : { ...kept, dataDir });
  // Ours are at -1: they stay in front, in their order.
  const order = ({ name }: { readonly name: string }) => tricks.indexOf(name);
  const known = [...options.known].sort((a, b) => order(a) - order(b));
  const going = { ...options, known };
  if (epoch >= config.epochs) {
    going.onProgress?.(`${runFolder}: the run is finished, all ${config.epochs} epochs are done`);
  }
  const run = await openRun({ config, checkpoint, ...going }, going);
  return runToEnd(run, positionOf(checkpoint), going, () => runFolder);
}

function positionOf({ state }: OpenedCheckpoint): Position {
  const { epoch, stepInEpoch, totals, best, weights } = state;
  return { epoch, stepInEpoch, totals, best, weights };
}

async function runToEnd(
  run: Run,
  start: Position,
  { hooks = [], signal }: WatchOptions,
  openFolder: () => string,
): Promise<TrainResult> {
  try {
    signal?.throwIfAborted();
    const runFolder = openFolder();
    await keepList(runFolder, run.data);
    const watching = openLogs(run, start, { runFolder, hooks });
    return await runEpochs(run, start, { runFolder, hooks: watching, signal });
  } finally {
    await run.dispose();
  }
}
