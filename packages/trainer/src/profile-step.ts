import type { Profile } from '@bag-of-tricks/graph';
import { nativeBackend } from './backend.ts';
import { withWeights } from './config/from-weights.ts';
import { withPlugins } from './config/known-tricks.ts';
import { parseConfig } from './config/parse.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { epochSteps } from './epoch-steps.ts';
import { ConfigError } from './errors.ts';
import { openRun } from './run/open-run.ts';
import type { TrainOptions } from './run/train-options.ts';

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
  const config = parseConfig(await withWeights(input, { onProgress }), { known });
  if (config.backend !== nativeBackend) {
    throw new ConfigError(
      `profile: expected the backend ${nativeBackend}, whose graph tells where its time goes, got ${config.backend}. Leave --backend out`,
    );
  }
  if (!config.compile) {
    throw new ConfigError(
      'profile: expected compile to be true, got false. Leave --no-compile out',
    );
  }
  const run = await openRun({ config, known, own: {}, checkpoint: null }, { onProgress });
  try {
    const stepsPerEpoch = warmupSteps + 1;
    let step = 0;
    const place = { epoch: 0, stepInEpoch: 0 };
    const schedule = () => run.schedule(0);
    const steps = epochSteps({ ...run, schedule, stepsPerEpoch }, place);
    for await (const { batch, settings } of steps) {
      if (step === warmupSteps) return await run.runner.profile!(batch, settings);
      await run.runner.train(batch, settings);
      step += 1;
    }
    throw new Error(`profile: expected ${stepsPerEpoch} batches, got ${step}`);
  } finally {
    await run.dispose();
  }
}
