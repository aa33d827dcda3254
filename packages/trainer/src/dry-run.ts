import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { beginning } from '@bag-of-tricks/run-folder';
import { saveRun } from './checkpoint/save.ts';
import { absolutePaths, nearestExisting } from './config/absolute-paths.ts';
import { withWeights } from './config/from-weights.ts';
import { withPlugins } from './config/known-tricks.ts';
import { parseConfig } from './config/parse.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { epochSteps } from './epoch-steps.ts';
import { bordersKept } from './run/check-room.ts';
import { wasFinite } from './run/finite-step.ts';
import { openRun, type Run } from './run/open-run.ts';
import { prepareStep } from './run/prepare-step.ts';
import type { TrainOptions } from './run/train-options.ts';

/** Steps after the first, whose median is the time of a step. */
const timedSteps = 3;

/** What a run would take; sizes in bytes, times in seconds. */
export interface DryRun {
  /** How many processes train together. */
  readonly processes: number;
  /** The largest resident memory so far, of several processes that of the largest. */
  readonly peakMemory: number;
  /** The first of the steps whose loss, gradients or statistics were not finite, with its loss; null when all were. */
  readonly nonFinite: { readonly step: number; readonly loss: number } | null;
  readonly weights: number;
  readonly optimizer: number;
  readonly checkpoint: number;
  /** The first step, which traces the graph. */
  readonly firstStepSeconds: number;
  readonly stepSeconds: number;
  /** Of all processes. */
  readonly imagesPerSecond: number;
  /** A batch of evaluation, tracing left out. */
  readonly evaluationBatchSeconds: number;
  readonly checkpointSeconds: number;
  /** What is free where the run folder would be. */
  readonly free: number;
  /** All checkpoints that a run keeps at one time, and the one that it writes. */
  readonly kept: number;
  readonly steps: number;
  readonly evaluations: number;
  /** All steps, evaluations and checkpoints of the run at these times. */
  readonly totalSeconds: number;
}

/** What `work` returns, and the seconds that it took. */
async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const started = performance.now();
  const result = await work();
  return [result, (performance.now() - started) / 1000];
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/**
 * Takes a few steps of everything that a run does: opens the data, traces the graph, trains, evaluates a batch with each set of weights
 * and writes a checkpoint into a temporary folder on the disk of `output`. Returns what the run would take; nothing of it stays on the disk.
 * The processes of a `cluster` take the steps together, and rank 0 writes.
 *
 * @example
 * ```ts
 * import { dryRun } from '@bag-of-tricks/trainer';
 *
 * const { peakMemory, stepSeconds, totalSeconds } = await dryRun({
 *   model: 'resnet20d',
 *   dataset: 'synthetic',
 *   synthetic: { imageSize: 8, numClasses: 4, trainSamples: 96, evalSamples: 16 },
 *   epochs: 10,
 *   batchSize: 16,
 * });
 * console.log(peakMemory / 2 ** 20, stepSeconds, totalSeconds);
 * ```
 *
 * @throws What `train` throws; the signal's reason when aborted.
 */
export async function dryRun(
  input: TrainConfigInput,
  { plugins, ...options }: Pick<TrainOptions, 'plugins' | 'onProgress' | 'signal' | 'cluster'> = {},
): Promise<DryRun> {
  const known = withPlugins(plugins);
  const config = parseConfig(await withWeights(input, options), { known });
  const run = await openRun(
    { config: absolutePaths(config), known, own: {}, checkpoint: null },
    options,
  );
  const { processes } = run;
  const { size, signal } = processes;
  try {
    await prepareStep(run, options.onProgress);
    const { seconds, nonFinite } = await timeSteps(run);
    const [firstStepSeconds, ...others] = seconds;
    const evaluationBatchSeconds = await timeEvaluation(run);
    const all = await processes.gather({
      stopping: processes.isToStop() ? 1 : 0,
      saved: processes.rank === 0 ? await timeCheckpoint(run) : null,
      peakMemory: process.resourceUsage().maxRSS * 1024,
    });
    processes.hear(all.reduce((sum, { stopping }) => sum + stopping, 0));
    signal?.throwIfAborted();
    const saved = all[0]!.saved!;
    const stepSeconds = median(others);
    const { epochs, evalInterval, evalBatchSize, batchSize, checkpointInterval } = run.config;
    const steps = epochs * run.stepsPerEpoch;
    const evaluations = Math.ceil(epochs / evalInterval);
    const evaluated = evaluations * Math.ceil(run.dataset.evalSize / size / evalBatchSize);
    const sets = 1 + run.tricks.filter(({ weights }) => weights).length;
    const checkpoints =
      epochs + Math.floor(steps / (checkpointInterval ?? Number.POSITIVE_INFINITY));
    return {
      processes: size,
      // The last two, the best, the best before the last, one at an epoch's border, and the one that is written.
      kept: (run.config.checkpointHist + 4 + bordersKept(run)) * saved.checkpoint,
      nonFinite,
      peakMemory: Math.max(...all.map(({ peakMemory }) => peakMemory)),
      ...saved,
      ...{ firstStepSeconds: firstStepSeconds!, stepSeconds, evaluationBatchSeconds },
      imagesPerSecond: (batchSize * size) / stepSeconds,
      ...{ steps, evaluations },
      totalSeconds:
        firstStepSeconds! +
        (steps - 1) * stepSeconds +
        sets * evaluated * evaluationBatchSeconds +
        checkpoints * saved.checkpointSeconds,
    };
  } finally {
    await run.dispose();
  }
}

/** The seconds of each step, waiting for its images included; for the first one they are there. */
async function timeSteps(
  run: Run,
): Promise<Pick<DryRun, 'nonFinite'> & { readonly seconds: readonly number[] }> {
  const { processes } = run;
  const { signal } = processes;
  const last = run.stepsPerEpoch - 1;
  const few = {
    ...run,
    stepsPerEpoch: 1 + timedSteps,
    schedule: (step: number) => run.schedule(Math.min(step, last)),
  };
  const seconds: number[] = [];
  let nonFinite: DryRun['nonFinite'] = null;
  let started = performance.now();
  for await (const { batch, settings } of epochSteps(few, beginning, { signal })) {
    const training = processes.together(run.runner.train(batch, settings));
    const metrics: Readonly<Record<string, number>> = await training;
    if (!wasFinite(metrics)) nonFinite ??= { step: seconds.length + 1, loss: metrics.loss! };
    seconds.push((performance.now() - started) / 1000);
    processes.hear(metrics.stopping ?? 0);
    started = performance.now();
  }
  signal?.throwIfAborted();
  if (seconds.length < 2) {
    throw new Error(
      `${run.dataset.name}: expected at least 2 batches for the dry run, got ${seconds.length}`,
    );
  }
  return { seconds, nonFinite };
}

/** The seconds of one evaluation batch, the second time that its shape comes. */
async function timeEvaluation({
  config,
  dataset,
  runner,
  tricks,
  processes: { signal },
}: Run): Promise<number> {
  const part = { batchSize: config.evalBatchSize, epoch: 0 };
  for await (const batch of dataset.evalBatches(part, { signal })) {
    await runner.evaluate(batch);
    const [, seconds] = await timed(() => runner.evaluate(batch));
    for (const { weights } of tricks) {
      if (!weights) continue;
      await runner.assign(weights.exchange);
      await runner.evaluate(batch);
      await runner.assign(weights.exchange);
    }
    return seconds;
  }
  signal?.throwIfAborted();
  throw new Error(`${dataset.name}: expected evaluation images, got none`);
}

type Saved = Pick<DryRun, 'weights' | 'optimizer' | 'checkpoint' | 'checkpointSeconds' | 'free'>;

/** Writes a checkpoint on the disk that the run would write on, and removes it again. */
async function timeCheckpoint(run: Run): Promise<Saved> {
  const there = nearestExisting(run.config.output);
  const { bavail, bsize } = await statfs(there);
  const folder = await mkdtemp(join(there, 'bag-of-tricks-dry-run-'));
  try {
    const [, checkpointSeconds] = await timed(() =>
      saveRun(run, folder, beginning, { checked: false }),
    );
    const sizes = new Map<string, number>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) {
        sizes.set(entry.name, (await stat(join(entry.parentPath, entry.name))).size);
      }
    }
    return {
      free: bavail * bsize,
      weights: sizes.get('model.safetensors') ?? 0,
      optimizer: sizes.get('optimizer.safetensors') ?? 0,
      checkpoint: [...sizes.values()].reduce((sum, size) => sum + size, 0),
      checkpointSeconds,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
