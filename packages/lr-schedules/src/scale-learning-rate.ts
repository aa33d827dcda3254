import { checkInteger, checkNumber } from './check.ts';

export interface ScaleLearningRateOptions {
  /** Images in one batch over all devices: an integer >= 1. */
  readonly batchSize: number;
  /** Batch size for which `base` was chosen: an integer >= 1. Default 256. */
  readonly baseBatchSize?: number;
}

/**
 * Linear scaling of the learning rate with the batch size (He et al. 2019, section 3.1; Goyal et al. 2017).
 *
 * `lr = base * batchSize / baseBatchSize`
 *
 * It is a product. Base 0.1 at batch 256 becomes 0.4 at batch 1024.
 *
 * @param base Learning rate for `baseBatchSize`, >= 0. The paper's is 0.1.
 *
 * @example
 * ```ts
 * import { scaleLearningRate } from '@bag-of-tricks/lr-schedules';
 *
 * const peak = scaleLearningRate(0.1, { batchSize: 1024 }); // 0.4
 * ```
 *
 * Gluon-cv's training script leaves the product to its user; timm has it as `--lr-base` and `--lr-base-size`.
 *
 * @throws RangeError when `base` is negative or not finite, or a batch size is not an integer >= 1.
 */
export function scaleLearningRate(
  base: number,
  { batchSize, baseBatchSize = 256 }: ScaleLearningRateOptions,
): number {
  checkNumber('scaleLearningRate', 'base', base);
  checkInteger('scaleLearningRate', 'batchSize', batchSize, 1);
  checkInteger('scaleLearningRate', 'baseBatchSize', baseBatchSize, 1);
  return (base * batchSize) / baseBatchSize;
}
