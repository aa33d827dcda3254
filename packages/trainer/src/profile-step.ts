import type { Profile } from '@bag-of-tricks/graph';
import { withPlugins } from './config/known-tricks.ts';
import { parseConfig } from './config/parse.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { ConfigError } from './errors.ts';
import { openRun } from './run/open-run.ts';
import type { TrainOptions } from './run/train-options.ts';
import { drawStep, epochData } from './tricks/parts.ts';

/** The first steps of a graph allocate and choose kernels: they say nothing about the others. */
const warmupSteps = 5;

/**
 * Takes a few steps of a run and returns where the time of one goes, by TensorFlow's own statistics. Nothing is written.
 *
 * @example
 * ```ts
 * import { profileStep } from '@bag-of-tricks/trainer';
 *
 * const { milliseconds, ops } = await profileStep({
 *   model: 'resnet20d',
 *   dataset: 'synthetic',
 *   synthetic: { imageSize: 8, numClasses: 4, trainSamples: 96, evalSamples: 16 },
 *   epochs: 10,
 *   batchSize: 16,
 * });
 * console.log(milliseconds, ops[0]); // the time of a step, and the type of op that takes most of it
 * ```
 *
 * @throws ConfigError when the configuration does not fit, or asks for op by op.
 */
export async function profileStep(
  input: TrainConfigInput,
  { plugins, onProgress }: Pick<TrainOptions, 'plugins' | 'onProgress'> = {},
): Promise<Profile> {
  const known = withPlugins(plugins);
  const config = parseConfig(input, { known });
  if (!config.compile) {
    throw new ConfigError(
      'profile: expected compile to be true, got false. Leave --no-compile out',
    );
  }
  const run = await openRun({ config, known, own: {}, checkpoint: null }, { onProgress });
  try {
    const { dataset, runner, schedule, tricks } = run;
    const { epochs, seed, batchSize } = config;
    const stepsPerEpoch = warmupSteps + 1;
    const place = { epoch: 0, firstStep: 0, stepsPerEpoch, batchSize, seed };
    const part = { ...place, ...epochData(tricks, 0) };
    let step = 0;
    for await (const batch of dataset.trainBatches(part)) {
      const imageShape = batch.imageShape ?? dataset.imageShape;
      const at = { epoch: 0, epochs, imageShape, seed, step };
      const settings = { learningRate: schedule(0), draws: drawStep(tricks, at) };
      if (step === warmupSteps) return await runner.profile!(batch, settings);
      await runner.train(batch, settings);
      step += 1;
    }
    throw new Error(`profile: expected ${stepsPerEpoch} batches, got ${step}`);
  } finally {
    await run.dispose();
  }
}
