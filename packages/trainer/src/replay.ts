import { type Batch, colorVariation, type Dataset, resolveInput } from '@bag-of-tricks/image-data';
import { type DumpedStep, readDump } from '@bag-of-tricks/run-folder';
import { type Probe, stepProbe, type Trick } from '@bag-of-tricks/train-step';
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint/load.ts';
import { ownPart } from './config/base-schema.ts';
import { withPlugins } from './config/known-tricks.ts';
import { ConfigError } from './errors.ts';
import { finiteStep, wasFinite } from './run/finite-step.ts';
import { openRun } from './run/open-run.ts';
import type { OwnParts } from './run/own-parts.ts';
import { stepParts } from './run/step-parts.ts';
import { eagerRunner } from './step/eager-runner.ts';

/** Options of `replay`: what the run had of the caller's own. Of `data`, only `colorVariation` is used. */
export interface ReplayOptions extends OwnParts {
  /** Tricks of other packages that the run has. */
  readonly plugins?: readonly Trick[];
  /** Called with a line of text during long preparations. */
  readonly onProgress?: (message: string) => void;
}

/** A step that was taken again. */
export interface Replayed {
  /** The step as the run saved it: its place, learning rate, draws, and the images in it where they have names. */
  readonly step: DumpedStep;
  /** What it gives as the run computes it. */
  readonly loss: number;
  /** Whether loss, gradients and statistics are finite; false when the divergence came again. */
  readonly finite: boolean;
  /** The loss of the images in evaluation mode, where the weights are those after the step; null where they are those before it. */
  readonly evaluated: number | null;
  /** The same op by op, with every stage looked at. */
  readonly probe: Probe;
}

/**
 * Takes the step again that ended a run with a loss, a gradient or a statistic that is not finite, from the weights before it, as the
 * run saved it. It needs neither the images nor the run folder, and writes nothing.
 *
 * @example
 * ```ts
 * import { readdirSync } from 'node:fs';
 * import { replay, train } from '@bag-of-tricks/trainer';
 *
 * const wild = { learningRate: { base: 100 }, linearScaling: false, warmup: false, zeroGamma: false };
 * await train({
 *   ...wild,
 *   model: 'resnet20d',
 *   dataset: 'synthetic',
 *   synthetic: { imageSize: 12, channels: 1, numClasses: 4, trainSamples: 96, evalSamples: 16 },
 *   schedule: { name: 'constant' },
 *   epochs: 40,
 *   evalInterval: 40,
 *   batchSize: 24,
 *   output: 'wild',
 *   experiment: 'run',
 * }).catch((error) => console.log(error.message)); // step 7: expected a finite loss, ...
 * const dump = readdirSync('wild/run').find((name) => name.startsWith('divergence'));
 * const { finite, probe } = await replay(`wild/run/${dump}`);
 * console.log(finite, probe.first); // false, and the first op whose result was not finite
 * ```
 *
 * @throws Error when the folder is no such dump, or does not hold the weights; ConfigError when the run had parts of the caller's own.
 */
export async function replay(
  folder: string,
  { plugins, onProgress, ...own }: ReplayOptions = {},
): Promise<Replayed> {
  const { step, batch } = await readDump(folder);
  const known = withPlugins(plugins);
  const checkpoint = await openCheckpoint(folder, 'last', known);
  const { config } = checkpoint.state;
  const data = datasetOf(checkpoint, step, { batch, data: own.data });
  const run = await openRun({ config, known, own: { ...own, data }, checkpoint }, { onProgress });
  try {
    const settings = { learningRate: step.learningRate, draws: step.draws };
    const evaluated =
      step.weights === 'after' ? (await run.runner.evaluate(batch)).lossSum / batch.size : null;
    const drawn = run.randomStep.clone();
    const metrics: Readonly<Record<string, number>> = await run.runner.train(batch, settings);
    const { loss, skipped = 0 } = metrics;
    await run.runner.sync();
    run.randomStep.assign(drawn);
    drawn.dispose();
    const { inner, outer, take } = stepProbe(run.network);
    const wraps = [inner, ...run.tricks, outer, ...finiteStep(run.network, run.tricks)];
    const eager = eagerRunner(stepParts(run, wraps));
    const probe = await take(async () => (await eager.train(batch, settings)).loss);
    const finite = wasFinite(metrics) && skipped === 0;
    return { step, loss: loss!, finite, evaluated, probe };
  } finally {
    await run.dispose();
  }
}

/** What the run knew of its images, without them. */
function datasetOf(
  { state, folder }: OpenedCheckpoint,
  { trainSize, worldSize }: DumpedStep,
  { batch, data }: { readonly batch: Batch; readonly data: Dataset | undefined },
): Dataset {
  const { config, classNames, imageShape, mean, std } = state;
  const { dataset } = config;
  if (dataset === ownPart && batch.colors && !data?.colorVariation) {
    throw new ConfigError(
      `${folder}: expected the dataset that the run was given, for its colorVariation, got none. Call replay with \`data\``,
    );
  }
  return {
    ...{ name: folder, classNames, imageShape, mean, std, trainSize, worldSize },
    ...('features' in batch && { featureShape: batch.imageShape }),
    evalSize: 0,
    colorVariation:
      dataset === ownPart ? (data?.colorVariation ?? null) : ourColors({ ...config, dataset }),
    trainBatches: () => [batch],
    evalBatches: () => [],
    close: () => Promise.resolve(),
  };
}

function ourColors(settings: Parameters<typeof resolveInput>[0]): Dataset['colorVariation'] {
  const { colorJitter: jitter, pcaNoise: noise } = resolveInput(settings);
  return jitter > 0 || noise > 0 ? colorVariation({ jitter, noise }) : null;
}
