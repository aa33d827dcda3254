import type { SkippedImage } from '@bag-of-tricks/image-data';
import { cacheRoot } from '@bag-of-tricks/libtensorflow';
import { openBackend } from './backend.ts';
import { loadModel, openCheckpoint } from './checkpoint/load.ts';
import { parseConfig } from './config/parse.ts';
import type { TrainConfig } from './config/schema.ts';
import { openDataset } from './data/open.ts';
import { evaluateModel } from './evaluate-model.ts';
import type { Evaluation } from './log/hooks.ts';
import { compiledScorer } from './step/compiled-runner.ts';
import { eagerScorer } from './step/eager-runner.ts';
import { createEvalStep } from './step/eval-step.ts';
import { choosePrecision, inPrecision, type Precision } from './step/precision.ts';

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Which checkpoint of a run folder. Default `best`. */
  readonly link?: 'best' | 'last';
  /** Images a step. Default: the run's `evalBatchSize`. */
  readonly batchSize?: number;
  /** Folder of the images, for datasets in files. Default: the one that the run was trained on. */
  readonly dataDir?: string;
  /** Precision to evaluate in; null is float32. Default: the one that the run was trained in. */
  readonly amp?: Pick<NonNullable<TrainConfig['amp']>, 'dtype'> | null;
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
  /** Null for float32. */
  readonly precision: Precision | null;
}

/**
 * Score a checkpoint on the evaluation images of the dataset that it was trained on.
 *
 * `path` is a run folder or a checkpoint folder. Accuracies are in percent.
 *
 * @throws Error when there is no checkpoint, it is damaged, or its weights are not finite.
 */
export async function evaluate(
  path: string,
  {
    link = 'best',
    batchSize,
    dataDir,
    amp,
    onBatchEnd,
    onBadImage,
    onProgress = () => {},
  }: EvaluateOptions = {},
): Promise<EvaluateResult> {
  const checkpoint = await openCheckpoint(path, link);
  const trained = checkpoint.state.config;
  const config = dataDir === undefined ? trained : parseConfig({ ...trained, dataDir });
  await openBackend(onProgress);
  const chosen = amp === undefined ? config.amp : amp && { ...amp, lossScale: null };
  const precision = choosePrecision(chosen);
  const dataset = await openDataset(config, {
    cacheDirectory: cacheRoot(),
    evalClassNames: checkpoint.state.classNames,
    onProgress,
    onWarning: onProgress,
  });
  try {
    const model = await loadModel(checkpoint);
    const { classNames, imageShape } = dataset;
    const evalStep = createEvalStep({ model, pixels: dataset, numClasses: classNames.length });
    const parts = { evalStep: inPrecision(precision, evalStep), imageShape };
    const scorer = config.compile ? await compiledScorer(parts) : eagerScorer(parts);
    try {
      const evaluation = await evaluateModel(scorer, dataset, {
        batchSize: batchSize ?? config.evalBatchSize,
        epoch: Math.max(0, checkpoint.state.epoch - 1),
        onBadImage,
        ...(onBatchEnd && { onBatchEnd }),
      });
      return { ...evaluation!, model: config.model, checkpoint: checkpoint.folder, precision };
    } finally {
      await scorer.dispose();
      model.dispose();
    }
  } finally {
    await dataset.close();
  }
}
