import type { Placement } from '@bag-of-tricks/graph';
import type { Batches } from '@bag-of-tricks/image-data';
import * as tf from '@tensorflow/tfjs-core';
import { parseConfig } from '../config/parse.ts';
import { builtIn, type TrainConfigInput } from '../config/schema.ts';
import { epochSteps, type StepInput } from '../epoch-steps.ts';
import { openRun, type Run } from '../run/open-run.ts';
import { sentAhead } from '../sent-ahead.ts';

/** What a step computes in. */
export type Precision = 'float32' | 'float16' | 'bfloat16';

/** What one process measures. */
export interface CaseSpec {
  readonly model: string;
  readonly imageSize: number;
  readonly numClasses: number;
  /** Images of the steps that are timed; null: no more than the gradients. */
  readonly batchSize: number | null;
  readonly precision: Precision;
  readonly xla: boolean;
  /** After so many no further step is timed. */
  readonly seconds: number;
}

/** What it saw. */
export interface CaseResult {
  /** Such as `GPU:0`. */
  readonly devices: readonly string[];
  readonly tensorflow: string;
  /** Of the first step from the seed's weights, and what weight decay adds to them: by name. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
  readonly loss: number;
  readonly timed: Timed | null;
}

/** The steps that were timed. */
export interface Timed {
  readonly batchSize: number;
  readonly steps: number;
  /** The median of them, waiting for images included. */
  readonly stepMilliseconds: number;
  /** Tracing included. */
  readonly firstStepSeconds: number;
  readonly placement: Placement;
}

/** Images whose gradients are compared: few, for a CPU computes them too. */
const gradientBatch = 8;
/** TensorFlow and cuDNN choose kernels in the first ones. */
const warmupSteps = 5;
const mostSteps = 200;

/** The paper's recipe on drawn images; zero gamma would leave most layers without a gradient in the first step. */
function configOf({ model, imageSize, numClasses, precision }: CaseSpec, batchSize: number) {
  const trainSamples = batchSize * 8;
  const config: TrainConfigInput = {
    ...{ model, batchSize, evalBatchSize: batchSize, epochs: 10, zeroGamma: null },
    dataset: 'synthetic',
    synthetic: { imageSize, numClasses, trainSamples, evalSamples: batchSize },
    // What images of files have by default.
    augment: { colorJitter: 0.4, pcaNoise: 0.1 },
    amp: precision === 'float32' ? null : { dtype: precision },
  };
  return parseConfig(config);
}

async function withRun<T>(
  spec: CaseSpec,
  batchSize: number,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const config = configOf(spec, batchSize);
  const request = { config, known: builtIn, own: {}, checkpoint: null };
  const run = await openRun(request, { xla: spec.xla });
  try {
    return await work(run);
  } finally {
    await run.dispose();
  }
}

/** Batches without end, sent ahead as in a run. */
async function* batches(run: Run): AsyncGenerator<StepInput, void, undefined> {
  const ahead = (batches: Batches) => sentAhead(batches, run.runner.sendToTrain);
  for (let epoch = 0; ; epoch++)
    yield* epochSteps({ ...run, schedule: () => 0.01 }, { epoch, stepInEpoch: 0 }, {}, ahead);
}

/** The optimiser's velocities after one step from zero are the gradients; a step that loss scaling skips is taken again. */
async function gradientsOf(run: Run): Promise<Pick<CaseResult, 'gradients' | 'loss'>> {
  for await (const { batch, settings } of batches(run)) {
    let metrics: Readonly<Record<string, number>>;
    do metrics = await run.runner.train(batch, settings);
    while (metrics.skipped === 1);
    await run.runner.sync();
    const state = run.optimizer.getState();
    const gradients: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(state)) {
      gradients[name] = (await tensor.data<'float32'>()).slice();
    }
    tf.dispose(state);
    return { gradients, loss: metrics.loss! };
  }
  throw new Error('benchmark: expected a batch, got none');
}

async function timeSteps(run: Run, seconds: number): Promise<Timed> {
  const times: number[] = [];
  let firstStepSeconds = 0;
  let [steps, timing, started] = [0, 0, performance.now()];
  for await (const { batch, settings } of batches(run)) {
    const isLast =
      times.length >= mostSteps || (timing > 0 && performance.now() - timing > 1000 * seconds);
    if (isLast && times.length > 0) {
      const { placement } = await run.runner.profile!(batch, settings);
      const stepMilliseconds = times.sort((a, b) => a - b)[times.length >> 1]!;
      const { batchSize } = run.config;
      return { batchSize, steps: times.length, stepMilliseconds, firstStepSeconds, placement };
    }
    await run.runner.train(batch, settings);
    const now = performance.now();
    if (steps === 0) firstStepSeconds = (now - started) / 1000;
    // A step that takes long is warm after its first.
    else if (timing > 0) times.push(now - started);
    if (timing === 0 && (steps === warmupSteps || now - started > 1000)) timing = now;
    steps += 1;
    started = now;
  }
  throw new Error('benchmark: expected batches, got none');
}

/** Takes the steps of a case; to be called once in a process of its own. */
export async function runCase(spec: CaseSpec): Promise<CaseResult> {
  const first = await withRun(spec, gradientBatch, async (run) => ({
    devices: run.backend.devices,
    tensorflow: run.backend.version,
    ...(await gradientsOf(run)),
  }));
  const { batchSize, seconds } = spec;
  const timed =
    batchSize === null ? null : await withRun(spec, batchSize, (run) => timeSteps(run, seconds));
  return { ...first, timed };
}
