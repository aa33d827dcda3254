/** Which of several processes this one is. */
export interface ProcessRank {
  /** 0 to `worldSize - 1`. */
  readonly rank: number;
  /** Number of processes that share an epoch. */
  readonly worldSize: number;
}

/**
 * Position in the epoch's order of the first row of a step: every step takes the next `batchSize * worldSize` positions, and
 * rank r the r-th `batchSize` of them. So N processes of batch size B see in each step what one of batch size N * B would.
 */
export function firstPosition(
  step: number,
  batchSize: number,
  { rank, worldSize }: ProcessRank,
): number {
  return (step * worldSize + rank) * batchSize;
}

/**
 * Steps of a training epoch: those that fill a whole batch on every process. The remainder of fewer than
 * `batchSize * worldSize` images is left out; as each epoch has its own order, it is other images each time.
 *
 * @throws RangeError when there are fewer images than one step needs.
 */
export function trainSteps(
  size: number,
  { batchSize, worldSize = 1 }: { readonly batchSize: number; readonly worldSize?: number },
): number {
  const steps = Math.floor(size / (batchSize * worldSize));
  if (steps === 0) {
    throw new RangeError(
      `trainSteps: expected at least the ${batchSize * worldSize} images of one step (batch size ${batchSize}, ${worldSize} process${worldSize === 1 ? '' : 'es'}), ` +
        `got ${size}. Lower the batch size or give more images.`,
    );
  }
  return steps;
}

/** Rows of an evaluation batch: `batchSize`, or each process's share when that is smaller. */
export function evalRows(
  size: number,
  { batchSize, worldSize = 1 }: { readonly batchSize: number; readonly worldSize?: number },
): number {
  return Math.min(batchSize, Math.ceil(size / worldSize));
}
