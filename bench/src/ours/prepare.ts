import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel, toStateDict } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import { type FileTensor, writeTensors } from '../contestants/tensor-file.ts';
import { type Workload, workloadFlops } from '../workloads.ts';

/** What `prepare` is asked for. */
export interface PrepareSpec {
  readonly workload: Workload;
  readonly folder: string;
}

/** What `prepare` answers. */
export interface Prepared {
  /** Floating-point operations of one training step in convolutions and the dense layer. */
  readonly flopsPerStep: number;
}

/**
 * Writes the weights and the batch that all contestants start from. Gamma starts at 1, not at 0, so that the first loss
 * depends on every layer.
 */
export async function prepare({ workload, folder }: PrepareSpec): Promise<Prepared> {
  await registerTensorFlowBackend({
    install: true,
    onProgress: (progress) => process.stderr.write(`${formatProgress(progress)}\n`),
  });
  const { network, numClasses, batchSize, imageSize } = workload;
  const model = createModel(network, { numClasses, zeroGamma: false });
  const tensors: Record<string, FileTensor> = {};
  for (const [name, entry] of Object.entries(await toStateDict(model))) {
    tensors[`model/${name}`] = entry;
  }
  const images = tf.randomNormal([batchSize, imageSize, imageSize, 3], 0, 1, 'float32', 1);
  const labels = tf.randomUniform([batchSize], 0, numClasses, 'int32', 2);
  tensors.images = { shape: images.shape, data: await images.data<'float32'>() };
  tensors.labels = { shape: labels.shape, data: await labels.data<'int32'>() };
  await writeTensors(folder, tensors);
  return { flopsPerStep: workloadFlops(workload) };
}
