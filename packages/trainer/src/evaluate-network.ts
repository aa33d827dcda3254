import type { Batch, Dataset, EvalPart, LoadOptions } from '@bag-of-tricks/image-data';
import type { Evaluation } from '@bag-of-tricks/run-folder';
import { DivergenceError } from './errors.ts';
import { sentAhead } from './sent-ahead.ts';
import type { Scorer } from './step/runner.ts';

/** Options of `evaluateNetwork`. */
export interface EvaluateNetworkOptions extends EvalPart, LoadOptions {
  /** Sums over all processes of sums of this one's batch. Default: it is alone. */
  readonly sumScores?: (scores: readonly number[]) => Promise<readonly number[]>;
  readonly onBatchEnd?: (log: { readonly done: number; readonly total: number }) => void;
  /** Called with each batch and the probabilities of its rows, `[rows, classes]`. */
  readonly onBatchScored?: ((batch: Batch, probabilities: Float32Array) => void) | undefined;
}
/**
 * Scores a network on a dataset's evaluation images; null when the signal is aborted. Images that cannot be used count neither as hits
 * nor as samples.
 *
 * @throws DivergenceError when the loss is not finite: the accuracy of NaN logits would mean nothing.
 */
export async function evaluateNetwork(
  scorer: Scorer,
  dataset: Dataset,
  { batchSize, epoch, sumScores, onBatchEnd, onBatchScored, ...options }: EvaluateNetworkOptions,
): Promise<Evaluation | null> {
  const started = performance.now();
  const sums = { lossSum: 0, top1Count: 0, top5Count: 0 };
  let samples = 0;
  const batches = dataset.evalBatches({ batchSize, epoch }, options);
  for await (const batch of sentAhead(batches, scorer.sendToEvaluate)) {
    const scores = await scorer.evaluate(batch);
    const own = [scores.lossSum, scores.top1Count, scores.top5Count, batch.size];
    const [lossSum, top1Count, top5Count, size] = (await sumScores?.(own)) ?? own;
    sums.lossSum += lossSum!;
    sums.top1Count += top1Count!;
    sums.top5Count += top5Count!;
    samples += size!;
    onBatchScored?.(batch, scores.probabilities);
    onBatchEnd?.({ done: samples, total: dataset.evalSize });
    if (options.signal?.aborted) break;
  }
  if (options.signal?.aborted) return null;
  if (samples === 0) {
    throw new Error(
      `evaluate: expected a usable image among the ${dataset.evalSize} evaluation images of ${dataset.name}, got none. Check the files`,
    );
  }
  if (!Number.isFinite(sums.lossSum)) {
    throw new DivergenceError(
      `evaluate: expected a finite loss, got ${sums.lossSum}: weights or running statistics are not finite, or too large. Use an earlier checkpoint, or train with a lower learning rate (--lr-base)`,
    );
  }
  return {
    loss: sums.lossSum / samples,
    top1: (100 * sums.top1Count) / samples,
    top5: dataset.classNames.length > 5 ? (100 * sums.top5Count) / samples : null,
    samples,
    seconds: (performance.now() - started) / 1000,
  };
}
