export interface ProgressiveResizingOptions {
  /** Size of the images in the first epochs, in pixels. */
  readonly from: number;
  /** Size of the images in the last epochs, in pixels; at least `from`. */
  readonly to: number;
  /** Epochs of the whole training, an integer >= 1. */
  readonly epochs: number;
  /** Share of the epochs that stays at `from`, 0 to 1. Default 0.5, Composer's. */
  readonly delayFraction?: number;
  /** Share of the epochs that stays at `to`, 0 to 1. Default 0.2, Composer's. */
  readonly finetuneFraction?: number;
  /** Sizes between are multiples of this, in pixels. Default 32, the stride of a ResNet. */
  readonly sizeIncrement?: number;
}

/** Consecutive epochs with images of one size. */
export interface SizeStage {
  readonly size: number;
  /** The first epoch, counted from 0. */
  readonly begin: number;
  /** The epoch after the last one. */
  readonly end: number;
}

/**
 * The size of the training images in one epoch: small at first, growing linearly, large at the end. As Composer's progressive
 * resizing, by epoch.
 *
 * ```
 * t    = epoch / epochs
 * p    = clip((t - delayFraction) / (1 - finetuneFraction - delayFraction), 0, 1)
 * size = clip(round((from + (to - from) * p) / sizeIncrement) * sizeIncrement, from, to)
 * ```
 *
 * Halves are rounded up. At `p` 0 and 1 it is exactly `from` and `to`, also when these are no multiples. `epoch` counts from 0; epochs after the last
 * one, as in a prolonged run, have the size `to`.
 *
 * @example
 * ```ts
 * import { progressiveSize } from '@bag-of-tricks/progressive-resizing';
 *
 * const options = { from: 128, to: 224, epochs: 100 };
 * console.log(progressiveSize(0, options), progressiveSize(65, options), progressiveSize(80, options)); // 128 192 224
 * ```
 *
 * Where implementations differ: Composer looks at every batch and resizes the batch that was loaded; here the size changes
 * between epochs only, so that a loader can decode to it and a graph is traced few times.
 *
 * @throws RangeError if the epoch is no integer >= 0, or an option is out of its range.
 */
export function progressiveSize(epoch: number, options: ProgressiveResizingOptions): number {
  const resolved = resolve('progressiveSize', options);
  if (!Number.isSafeInteger(epoch) || epoch < 0) {
    throw new RangeError(
      `progressiveSize: expected epoch to be an integer >= 0, got ${String(epoch)}. Count epochs from 0.`,
    );
  }
  return sizeAt(epoch, resolved);
}

/**
 * The stages of a training: each size once, with its epochs, in order. A graph is traced once for each of them.
 *
 * @example
 * ```ts
 * import { progressiveStages } from '@bag-of-tricks/progressive-resizing';
 *
 * console.log(progressiveStages({ from: 128, to: 192, epochs: 10 }));
 * // [{ size: 128, begin: 0, end: 6 }, { size: 160, begin: 6, end: 8 }, { size: 192, begin: 8, end: 10 }]
 * ```
 * @throws RangeError if an option is out of its range.
 */
export function progressiveStages(options: ProgressiveResizingOptions): SizeStage[] {
  const resolved = resolve('progressiveStages', options);
  const stages: SizeStage[] = [];
  for (let epoch = 0; epoch < resolved.epochs; epoch++) {
    const size = sizeAt(epoch, resolved);
    const last = stages.at(-1);
    if (last?.size === size) stages[stages.length - 1] = { ...last, end: epoch + 1 };
    else stages.push({ size, begin: epoch, end: epoch + 1 });
  }
  return stages;
}

type Resolved = Required<ProgressiveResizingOptions>;

function sizeAt(epoch: number, options: Resolved): number {
  const { from, to, epochs, delayFraction, finetuneFraction, sizeIncrement } = options;
  // In epochs, and not in shares: 0.8 * 10 is 8, but 1 - 0.2 - 0.5 is not 0.3.
  const begin = delayFraction * epochs;
  const end = epochs - finetuneFraction * epochs;
  if (epoch >= end) return to;
  if (epoch <= begin) return from;
  const size = from + ((to - from) * (epoch - begin)) / (end - begin);
  const rounded = Math.round(size / sizeIncrement) * sizeIncrement;
  return Math.min(Math.max(rounded, from), to);
}

function resolve(caller: string, options: ProgressiveResizingOptions): Resolved {
  const { delayFraction = 0.5, finetuneFraction = 0.2, sizeIncrement = 32 } = options;
  const resolved = { ...options, delayFraction, finetuneFraction, sizeIncrement };
  for (const name of ['from', 'to', 'epochs', 'sizeIncrement'] as const) {
    if (!Number.isSafeInteger(resolved[name]) || resolved[name] < 1) {
      throw new RangeError(
        `${caller}: expected ${name} to be an integer >= 1, got ${String(resolved[name])}. Sizes are in pixels.`,
      );
    }
  }
  if (resolved.from > resolved.to) {
    throw new RangeError(
      `${caller}: expected from <= to, got ${resolved.from} and ${resolved.to}. Images grow; exchange the two.`,
    );
  }
  for (const name of ['delayFraction', 'finetuneFraction'] as const) {
    if (!(resolved[name] >= 0 && resolved[name] <= 1)) {
      throw new RangeError(
        `${caller}: expected ${name} to be from 0 to 1, got ${String(resolved[name])}. It is a share of the epochs.`,
      );
    }
  }
  if (delayFraction + finetuneFraction > 1) {
    throw new RangeError(
      `${caller}: expected delayFraction + finetuneFraction <= 1, got ${delayFraction} and ${finetuneFraction}. Make one smaller.`,
    );
  }
  return resolved;
}
