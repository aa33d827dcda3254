import type { Profile } from '@bag-of-tricks/graph';
import { ConfigError, parseConfig } from './config/parse.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { openSession } from './session.ts';
import type { CompiledRunner } from './step/compiled-runner.ts';

/** The first steps of a graph allocate and choose kernels: they say nothing about the others. */
const warmupSteps = 5;

/**
 * Take a few steps of a run and say where the time of one goes, by TensorFlow's own notes. Nothing is written.
 *
 * @throws ConfigError when the configuration does not fit, or asks for op by op.
 */
export async function profileStep(
  input: TrainConfigInput,
  { onProgress }: { readonly onProgress?: (message: string) => void } = {},
): Promise<Profile> {
  const config = parseConfig(input);
  if (!config.compile) {
    throw new ConfigError(
      'profile: expected compile to be true, got false. Leave --no-compile out',
    );
  }
  const session = await openSession(config, null, { onProgress });
  try {
    const runner = session.runner as CompiledRunner;
    const stepsPerEpoch = warmupSteps + 1;
    const { batchSize, seed } = config;
    const part = { epoch: 0, firstStep: 0, stepsPerEpoch, batchSize, seed };
    const batches = session.dataset.trainBatches(part);
    const settings = { learningRate: session.schedule(0), lambda: 0.5 };
    let step = 0;
    for await (const batch of batches) {
      if (step === warmupSteps) return await runner.profile(batch, settings);
      await runner.train(batch, settings);
      step += 1;
    }
    throw new Error(`profile: expected ${stepsPerEpoch} batches, got ${step}`);
  } finally {
    await session.dispose();
  }
}
