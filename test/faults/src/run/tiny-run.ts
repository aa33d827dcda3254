import { join } from 'node:path';
import {
  type EpochLog,
  fit,
  type TrainHooks,
  type TrainResult,
  tricks,
} from '@bag-of-tricks/trainer';
import { checkpointsOf } from './fingerprint.ts';
import { linearNetwork } from './network.ts';

/** The folder of the run, below the current one. */
export const runName = 'run';

const side = 4;
const numClasses = 3;

const settings = {
  dataset: 'synthetic',
  synthetic: { imageSize: side, channels: 1, numClasses, trainSamples: 12, evalSamples: 30 },
  ...{ epochs: 4, batchSize: 4, checkpointInterval: 2, compile: false, seed: 1 },
  ...{ output: '.', experiment: runName },
  optimizer: { name: 'sgd' },
  learningRate: { base: 0.01 },
} as const;

/** Steps after which the run is stopped once, within an epoch. */
const stopAt = 5;

/** What watches a run from outside. */
export interface Watch {
  readonly onProgress?: (message: string) => void;
  readonly hooks?: readonly TrainHooks[];
}

async function withNetwork(options: Partial<Parameters<typeof fit>[0]>): Promise<TrainResult> {
  const network = linearNetwork(side * side, numClasses);
  try {
    return await fit({
      ...{ network, ...settings },
      tricks: [tricks.ema({ decay: 0.5, warmup: false })],
      ...options,
    });
  } finally {
    network.dispose();
  }
}

/** The whole run at once, in `run` below the current folder. */
export const uninterrupted = (watch: Watch = {}) => withNetwork(watch);

/** Goes on with the run in the current folder. */
export const resumed = (watch: Watch = {}) => withNetwork({ ...watch, resume: runName });

/** The checkpoint before the last: the rows of a step, and of an epoch, are behind it. */
const earlier = () => join(runName, 'checkpoints', checkpointsOf(runName).at(-2)!);

/**
 * The life of a run: it begins and is stopped, goes on to its end, goes back to an earlier checkpoint, as after a kill, where rows are
 * cut off, goes on again, and is resumed once more when it has ended.
 */
export const phases = {
  async start(watch: Watch): Promise<void> {
    const stop = new AbortController();
    const onBatchEnd = ({ step }: { readonly step: number }) => {
      if (step === stopAt) stop.abort();
    };
    await withNetwork({
      ...watch,
      signal: stop.signal,
      hooks: [...(watch.hooks ?? []), { onBatchEnd }],
    });
  },
  'go on': async (watch: Watch) => void (await resumed(watch)),
  'go back': async (watch: Watch) => void (await withNetwork({ ...watch, resume: earlier() })),
  'once more': async (watch: Watch) => void (await resumed(watch)),
} as const;

export type Phase = keyof typeof phases;

/** Epochs of the uninterrupted run that were the best so far. */
export async function bestEpochs(): Promise<number[]> {
  const best: number[] = [];
  const onEpochEnd = ({ isBest, epoch }: EpochLog) => {
    if (isBest) best.push(epoch);
  };
  await uninterrupted({ hooks: [{ onEpochEnd }] });
  return best;
}
