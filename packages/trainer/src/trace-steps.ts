import { withWeights } from './config/from-weights.ts';
import { withPlugins } from './config/known-tricks.ts';
import { parseConfig } from './config/parse.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { ConfigError } from './errors.ts';
import { openRun } from './run/open-run.ts';
import type { TrainOptions } from './run/train-options.ts';
import type { StepGraphs } from './step/runner.ts';

/** What `traceSteps` is told besides the settings. */
export interface TraceStepsOptions extends Pick<TrainOptions, 'plugins' | 'onProgress'> {
  /** As if so many processes took the step together; no other is needed, for none is taken. Default: 1. */
  readonly processes?: number;
}

/**
 * Traces the training step and the evaluation of a run for this device, and returns TensorFlow's GraphDefs. No step is taken, nothing is written.
 *
 * @example
 * ```ts
 * import { traceSteps } from '@bag-of-tricks/trainer';
 *
 * const { train, evaluate } = await traceSteps({
 *   model: 'resnet20d',
 *   dataset: 'synthetic',
 *   synthetic: { imageSize: 8, numClasses: 4, trainSamples: 96, evalSamples: 16 },
 *   batchSize: 16,
 * });
 * console.log(train.length < evaluate.length); // true: the second graph holds both
 * ```
 *
 * @throws ConfigError when the configuration does not fit, or asks for op by op.
 */
export async function traceSteps(
  input: TrainConfigInput,
  { plugins, onProgress, processes = 1 }: TraceStepsOptions = {},
): Promise<StepGraphs> {
  const known = withPlugins(plugins);
  const config = parseConfig(await withWeights(input, { onProgress }), { known });
  if (!config.compile) {
    throw new ConfigError(
      'traceSteps: expected compile to be true, got false. Leave it out: op by op nothing is traced',
    );
  }
  const request = { config, known, own: {}, checkpoint: null };
  const run = await openRun(request, { onProgress, imagined: processes });
  try {
    return await run.runner.graphs!(run.config);
  } finally {
    await run.dispose();
  }
}
