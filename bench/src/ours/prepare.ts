import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import type { Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { type FileTensor, writeTensors } from '../contestants/tensor-file.ts';
import { matrixFlopsPerStep, type Workload } from '../workloads.ts';
import { multiplyAddsOf, openNetwork } from './networks.ts';

/** What `prepare` is asked for. */
export interface PrepareSpec {
  readonly workload: Workload;
  readonly folder: string;
}

/** What `prepare` returns. */
export interface Prepared {
  /** Floating-point operations of one training step in convolutions and the dense layer. */
  readonly flopsPerStep: number;
}

/**
 * Where the recipe has zero gamma. With 0 the first losses would not depend on the layers before it; with 1 a fresh
 * ResNet-50 is so ill-conditioned that PyTorch in float32 is 3e-3 off PyTorch in float64 after one step. With this, 1e-5.
 */
const INITIAL_GAMMA = 0.2;

/** Writes the weights and the batch that all contestants start from. */
export async function prepare({ workload, folder }: PrepareSpec): Promise<Prepared> {
  await registerTensorFlowBackend({
    install: true,
    onProgress: (progress) => process.stderr.write(`${formatProgress(progress)}\n`),
  });
  const { numClasses, batchSize, imageSize } = workload;
  const network = openNetwork(workload);
  const tensors: Record<string, FileTensor> = {};
  for (const [name, entry] of Object.entries(await network.toStateDict!())) {
    const isZeroGamma = name.endsWith('.weight') && entry.data.every((value) => value === 0);
    tensors[`model/${name}`] = isZeroGamma
      ? { ...entry, data: entry.data.map(() => INITIAL_GAMMA) }
      : entry;
  }
  const images = tf.randomNormal([batchSize, imageSize, imageSize, 3], 0, 1, 'float32', 1);
  const labels = tf.randomUniform([batchSize], 0, numClasses, 'int32', 2);
  tensors.images = { shape: images.shape, data: await images.data<'float32'>() };
  tensors.labels = { shape: labels.shape, data: await labels.data<'int32'>() };
  await writeTensors(folder, tensors);
  return { flopsPerStep: flopsPerStep(workload, network) };
}

function flopsPerStep(workload: Workload, { parameters }: Network): number {
  const { batchSize, imageSize, stemStride } = workload;
  const [firstKernel] = Object.values(parameters);
  const firstConvolution = firstKernel!.size * Math.ceil(imageSize / stemStride) ** 2;
  return matrixFlopsPerStep({
    multiplyAdds: multiplyAddsOf(workload),
    firstConvolution,
    batchSize,
  });
}
