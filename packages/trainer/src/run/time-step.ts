import { counted, formatDuration } from '@bag-of-tricks/run-folder';
import { drawStep } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import type { Run } from './open-run.ts';
import { stillGoing } from './still-going.ts';

/** From this many seconds on, a second step is not waited for, although it is faster than the first. */
const longStep = 60;

/**
 * Says what the training of a new run will take, by steps on black images whose changes are taken back. Several processes would have to agree
 * on it, op by op there is nothing to take back to, and a last layer is trained in seconds: there it does nothing.
 */
export async function timeStep(
  run: Run,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { config, runner, processes, stepsPerEpoch } = run;
  if (!runner.rewind || processes.size > 1 || config.linearProbe) return;
  const input = blackBatch(run);
  const take = async () => {
    const started = performance.now();
    await stillGoing('Timing a step', runner.train(input.batch, input.settings), say);
    return (performance.now() - started) / 1000;
  };
  // In the first one of a process, TensorFlow also plans the graph and makes room.
  const first = await take();
  signal?.throwIfAborted();
  const isLong = first >= longStep;
  const seconds = isLong ? first : await take();
  await runner.rewind();
  const steps = config.epochs * stepsPerEpoch;
  const most = isLong ? 'at most ' : '';
  say(
    `A step takes ${most}${Number(seconds.toPrecision(2))} s: ${counted(steps, 'step')} in ${most}${formatDuration(steps * seconds)}, beside evaluations and waiting for images`,
  );
}

function blackBatch({ config, dataset, tricks, schedule }: Run) {
  const { batchSize, epochs, seed } = config;
  const { imageShape, colorVariation } = dataset;
  const batch = {
    images: new Uint8Array(batchSize * tf.util.sizeFromShape([...imageShape])),
    labels: new Int32Array(batchSize),
    size: batchSize,
    ...(colorVariation && { colors: new Float32Array(batchSize * colorVariation.columns) }),
  };
  const draws = drawStep(tricks, { epoch: 0, epochs, imageShape, seed, step: 0 });
  return { batch, settings: { learningRate: schedule(0), draws } };
}
