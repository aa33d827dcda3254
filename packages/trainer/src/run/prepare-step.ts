import { ConfigError } from '../errors.ts';
import { gigabytes, machineMemory } from './machine-memory.ts';
import type { Run } from './open-run.ts';

/**
 * Of what TensorFlow.js would keep for the backward pass, the share by which a step's memory grows: the graph frees what its own kernels do not
 * read again, and needs room for gradients. Dry runs at two batch sizes gave 0.52 for resnet50d at 224 pixels and 0.65 for resnet18d at 128.
 */
const keptShare = 0.6;

/** Times the weights: the graph's copy, the gradients, the optimiser's state here and there, and a checkpoint that is written. */
const weightCopies = 5;

/** What of a run's memory is known when its step is traced, in bytes. */
export interface StepMemory {
  /** Resident already: library, program, images, weights. */
  readonly resident: number;
  readonly weights: number;
  /** Kept for the backward pass, of the whole batch. */
  readonly kept: number;
}

/**
 * The bytes that a run will take: resident + 5 weights + 0.6 kept.
 *
 * @throws ConfigError when that is more than `available`, with the largest batch that fits.
 */
export function checkMemory(
  { resident, weights, kept }: StepMemory,
  { batchSize, available }: { readonly batchSize: number; readonly available: number },
): number {
  const fixed = resident + weightCopies * weights;
  const ofBatch = keptShare * kept;
  if (fixed + ofBatch <= available) return fixed + ofBatch;
  const fits = Math.floor(((available - fixed) * batchSize) / ofBatch);
  const advice =
    fits >= 2
      ? `Give --batch-size ${fits} or less`
      : 'Not even a batch of 2 fits: give a smaller network (--model) or smaller images (--image-size)';
  throw new ConfigError(
    `batchSize: expected a batch that fits the ${gigabytes(available)} of memory here, got ${batchSize}, for which a step takes about ${gigabytes(fixed + ofBatch)}. ${advice}`,
  );
}

/**
 * Traces the training step of a new run before its folder is made, and says what memory it will take; does nothing where steps run op by op.
 *
 * @throws ConfigError when the batch cannot fit, before anything is computed or written.
 */
export async function prepareStep(
  { config, dataset, runner, activations, network, backend }: Run,
  say: (line: string) => void = () => {},
): Promise<void> {
  if (!runner.prepare) return;
  const { batchSize, model } = config;
  const [height, width] = dataset.imageShape;
  say(`Tracing the step of ${model} on ${batchSize} images of ${width}x${height}`);
  const started = performance.now();
  await runner.prepare(batchSize);
  const seconds = (performance.now() - started) / 1000;
  const weights = Object.values(network.parameters).reduce((sum, { size }) => sum + 4 * size, 0);
  const memory = { resident: process.memoryUsage.rss(), weights, kept: activations.bytes() };
  // What a GPU has is not asked for.
  const isHere = !backend.devices.some((name) => name.startsWith('GPU'));
  const available = isHere ? machineMemory() : Number.POSITIVE_INFINITY;
  const bytes = checkMemory(memory, { batchSize, available });
  say(
    `Traced in ${seconds.toFixed(1)} s; the run will take about ${gigabytes(bytes)} of memory. The first step is slower than the others`,
  );
}
