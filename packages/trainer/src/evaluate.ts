import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkedDataset, type Dataset, type SkippedImage } from '@bag-of-tricks/image-data';
import { type Evaluation, printable } from '@bag-of-tricks/run-folder';
import type { Network, Trick } from '@bag-of-tricks/train-step';
import { openBackend } from './backend.ts';
import { loadNetwork, type OpenedCheckpoint, openScored } from './checkpoint/load.ts';
import { withPlugins } from './config/known-tricks.ts';
import { mergeConfig, type PartialConfig } from './config/load.ts';
import { parseConfig } from './config/parse.ts';
import type { KnownTricks, TrainConfig } from './config/schema.ts';
import { openDataset } from './data/open.ts';
import { evaluateNetwork } from './evaluate-network.ts';
import { checkReportFolder, evaluationReport } from './evaluation/report.ts';
import { openScorer } from './inference/open-scorer.ts';
import { checkNetwork, type OwnParts } from './run/own-parts.ts';

/** Options of `evaluate`. */
export interface EvaluateOptions extends Pick<OwnParts, 'network' | 'data'> {
  /** Which checkpoint of a run folder. Default `best`. */
  readonly link?: 'best' | 'last';
  /** Images a step. Default: the run's `evalBatchSize`. */
  readonly batchSize?: number;
  /** Settings other than the run's, such as `dataDir`, or a trick that acts on evaluation. */
  readonly settings?: PartialConfig;
  /** Tricks of other packages that the run has. */
  readonly plugins?: readonly Trick[];
  /** Folder for a confusion matrix, accuracy by class and a sheet of the worst mistakes; one that is there must be such a report. Default: none is written. */
  readonly output?: string | undefined;
  /** Called after each batch. */
  readonly onBatchEnd?: (log: { readonly done: number; readonly total: number }) => void;
  /** Called for each image that cannot be used and is left out. */
  readonly onBadImage?: (skipped: SkippedImage) => void;
  /** Called with a line of text during long preparations. */
  readonly onProgress?: (message: string) => void;
}

/** Scores, and what was scored. */
export interface EvaluateResult extends Evaluation {
  readonly model: string;
  readonly checkpoint: string;
  /** What the tricks say of it, such as the precision. */
  readonly notes: readonly string[];
}

/**
 * Scores a checkpoint on the evaluation images of the dataset that it was trained on, by the weights that scored best.
 *
 * `path` is a run folder or a checkpoint folder. Accuracies are in percent.
 *
 * @example
 * ```ts
 * import { evaluate, train } from '@bag-of-tricks/trainer';
 *
 * const { runFolder } = await train({
 *   model: 'resnet20d',
 *   dataset: 'synthetic',
 *   synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 16 },
 *   epochs: 6,
 *   batchSize: 16,
 * });
 * const { top1, top5, samples } = await evaluate(runFolder);
 * console.log(top1, top5, samples);
 * ```
 *
 * @throws Error when there is no checkpoint, it is damaged, or its weights are not finite.
 */
export async function evaluate(
  path: string,
  {
    link = 'best',
    settings = {},
    plugins,
    onProgress = () => {},
    ...options
  }: EvaluateOptions = {},
): Promise<EvaluateResult> {
  if (options.network) checkNetwork(options.network);
  if (options.output) checkReportFolder(options.output);
  refuseWeights(path);
  const known = withPlugins(plugins);
  const checkpoint = await openScored(path, link, { known, warn: onProgress });
  const { classNames, config: trained } = checkpoint.state;
  const config = parseConfig(mergeConfig(trained, settings), { known, ownParts: true });
  await openBackend({ name: config.backend, onProgress });
  const opening = { evalClassNames: classNames, onProgress, onWarning: onProgress };
  const dataset = options.data ? checkedDataset(options.data) : await openDataset(config, opening);
  try {
    const network = await loadNetwork(checkpoint, known, options.network);
    try {
      return await score(network, { dataset, config, checkpoint, known, options });
    } finally {
      if (!options.network) network.dispose();
    }
  } finally {
    if (!options.data) await dataset.close();
  }
}

/** @throws Error for weights alone, which know no images to be scored on. */
function refuseWeights(path: string): void {
  const isOurs = existsSync(join(path, 'state.json'));
  const files = ['model.safetensors', 'model.safetensors.index.json'];
  const holds = !isOurs && files.some((name) => existsSync(join(path, name)));
  if (!path.startsWith('hf:') && !path.endsWith('.safetensors') && !holds) return;
  throw new Error(
    `checkpoint ${path}: expected a run folder or a checkpoint folder, which says what images to score on, got weights alone. Use 'bag-of-tricks predict' for them`,
  );
}

interface Scoring {
  readonly dataset: Dataset;
  readonly config: TrainConfig;
  readonly checkpoint: OpenedCheckpoint;
  readonly known: KnownTricks;
  readonly options: Pick<EvaluateOptions, 'batchSize' | 'output' | 'onBatchEnd' | 'onBadImage'>;
}

async function score(network: Network, scoring: Scoring): Promise<EvaluateResult> {
  const { dataset, config, checkpoint, known, options } = scoring;
  const scorer = await openScorer(network, dataset, { config, known });
  const report = options.output ? evaluationReport(dataset) : null;
  try {
    const evaluation = await evaluateNetwork(scorer, dataset, {
      batchSize: options.batchSize ?? config.evalBatchSize,
      epoch: Math.max(0, checkpoint.state.epoch - 1),
      onBadImage: options.onBadImage,
      onBatchScored: report?.add,
      ...(options.onBatchEnd && { onBatchEnd: options.onBatchEnd }),
    });
    const result = { ...evaluation!, model: config.model, checkpoint: checkpoint.folder };
    await report?.write(options.output!, headOf(result, dataset));
    return { ...result, notes: scorer.notes };
  } finally {
    await scorer.dispose();
  }
}

/** What stands at the head of the report. */
function headOf(result: Omit<EvaluateResult, 'notes'>, dataset: Dataset) {
  const { model, checkpoint, samples, loss, top1, top5 } = result;
  const facts = {
    'Top-1': `${top1.toFixed(2)} %`,
    ...(top5 !== null && { 'Top-5': `${top5.toFixed(2)} %` }),
    Loss: loss.toFixed(4),
    Images: samples.toLocaleString('en'),
    Data: printable(dataset.name),
    Checkpoint: printable(checkpoint),
  };
  return { title: `Evaluation of ${model}`, facts };
}
