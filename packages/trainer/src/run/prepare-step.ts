import { ConfigError } from '../errors.ts';
import { featureShapeOf } from './feature-dataset.ts';
import { gigabytes, machineMemory } from './machine-memory.ts';
import type { Run } from './open-run.ts';

/**
 * Of what TensorFlow.js would keep for the backward pass, the share by which a step's memory grows: the graph frees what its own kernels do not
 * read again, and needs room for gradients. Dry runs at two batch sizes gave 0.52 for resnet50d at 224 pixels and 0.65 for resnet18d at 128.
 */
const keptShare = 0.6;

/** What a forward pass without a backward pass holds at once, in largest results of an op: evaluations took 1.6 to 3.2 of them. */
const heldResults = 3;

/** Times the weights: the graph's copy, the gradients, the optimiser's state here and there, and a checkpoint that is written. */
const weightCopies = 5;

/** What of a run's memory is known when its step is traced, in bytes. */
export interface StepMemory {
  /** Resident already: library, program, images, weights. */
  readonly resident: number;
  /** Decoded images that will be kept. */
  readonly cache: number;
  readonly weights: number;
  /** Kept for the backward pass, of the whole batch. */
  readonly kept: number;
  /** The largest result of an op for the whole batch of an evaluation. */
  readonly largest: number;
}

interface Room {
  readonly batchSize: number;
  readonly evalBatchSize: number;
  readonly available: number;
}

/**
 * The bytes that a run will take, which does not train and evaluate at once: resident + cache + 5 weights + max(0.6 kept, 3 largest).
 *
 * @throws ConfigError when that is more than `available`, with the largest batch that fits.
 */
export function checkMemory(
  { resident, cache, weights, kept, largest }: StepMemory,
  { batchSize, evalBatchSize, available }: Room,
): number {
  const fixed = resident + cache + weightCopies * weights;
  const parts = [
    { name: 'batchSize', flag: '--batch-size', size: batchSize, needs: keptShare * kept },
    {
      ...{ name: 'evalBatchSize', flag: '--val-batch-size', size: evalBatchSize },
      needs: heldResults * largest,
    },
  ];
  const tooLarge = parts.find(({ needs }) => fixed + needs > available);
  if (!tooLarge) return fixed + Math.max(...parts.map(({ needs }) => needs));
  const { name, flag, size, needs } = tooLarge;
  const fits = (room: number) => Math.floor((room * size) / needs);
  const without = fits(available - fixed + cache);
  const advice =
    fits(available - fixed) >= 2
      ? `Give ${flag} ${fits(available - fixed)} or less`
      : without >= 2
        ? `Give --cache-megabytes 0, for decoded images would take ${gigabytes(cache)} of it${without < size ? `, and ${flag} ${without} or less` : ''}`
        : 'Not even a batch of 2 fits: give a smaller network (--model) or smaller images (--image-size)';
  throw new ConfigError(
    `${name}: expected a batch that fits the ${gigabytes(available)} of memory here, got ${size}, for which a step takes about ${gigabytes(fixed + needs)}. ${advice}`,
  );
}

/**
 * Traces the training step of a new run before its folder is made, and says what memory it will take; does nothing where steps run op by op.
 *
 * @throws ConfigError when the batch, or that of the evaluation, cannot fit, before anything is computed or written.
 */
export async function prepareStep(
  { config, dataset, runner, activations, network, backend, tricks }: Run,
  say: (line: string) => void = () => {},
): Promise<void> {
  if (!runner.prepare) return;
  const { batchSize, model } = config;
  const evalBatchSize = Math.min(config.evalBatchSize, dataset.evalSize);
  const [height, width] = dataset.imageShape;
  const features = featureShapeOf(dataset);
  const images = features
    ? `the features of ${batchSize} images`
    : `${batchSize} images of ${width}x${height}`;
  say(`Tracing the step of ${model} on ${images}`);
  const started = performance.now();
  await runner.prepare(batchSize);
  const seconds = (performance.now() - started) / 1000;
  const { gpuMemory } = backend;
  const resident = process.memoryUsage.rss();
  const cache = (await dataset.cacheBytes?.()) ?? 0;
  const weights = Object.values(network.parameters).reduce((sum, { size }) => sum + 4 * size, 0);
  const memory = {
    // On a GPU are the tensors of the step alone.
    ...(gpuMemory === null ? { resident, cache } : { resident: 0, cache: 0 }),
    weights,
    kept: activations.kept() * (gpuMemory !== null && keepsHalf(tricks) ? 0.5 : 1),
    largest: activations.largestOfImage() * evalBatchSize,
  };
  const available = gpuMemory ?? machineMemory();
  const bytes = checkMemory(memory, { batchSize, evalBatchSize, available });
  const anImage = (keptShare * memory.kept) / batchSize / 1e6;
  // Here is what a checkpoint takes while it is written, besides.
  const where =
    gpuMemory === null
      ? ''
      : ` on the GPU, of it ${anImage.toFixed(1)} MB for each image of a batch, and about ${gigabytes(resident + cache + weights)} here`;
  say(
    `Traced in ${seconds.toFixed(1)} s; the run will take about ${gigabytes(bytes)} of memory${where}. The first step is slower than the others`,
  );
}

/** Whether activations are kept in 16 bits: TensorFlow.js, which counts them, takes them for float32. */
function keepsHalf(tricks: Run['tricks']): boolean {
  return tricks.some(
    ({ notes }) =>
      (notes?.environment as { precision?: { native?: string } } | undefined)?.precision?.native ===
      'fast',
  );
}
