import {
  buildTricks,
  type ConfiguredTrick,
  createTrainStep,
  type Network,
  type TrainStepInputs,
} from '@bag-of-tricks/train-step';
import { createOptimizer, parseConfig, tricks } from '@bag-of-tricks/trainer';
import type * as tf from '@tensorflow/tfjs-core';
import type { OursSpec } from '../contestants/step-spec.ts';
import { type FileTensor, readTensors } from '../contestants/tensor-file.ts';
import type { Group } from './group.ts';
import { openNetwork } from './networks.ts';

/** A network with its batch, and the step of the trainer that trains the one on the other. */
export interface RecipeStep {
  readonly network: Network;
  readonly images: FileTensor;
  readonly labels: FileTensor;
  /** It has other metrics too. */
  readonly step: (inputs: TrainStepInputs) => { readonly loss: tf.Scalar };
}

/** Builds the same training step as `python/train_step.py`, as the trainer does. */
export async function createRecipeStep(
  spec: OursSpec,
  group: Group | null = null,
): Promise<RecipeStep> {
  const { images, labels, ...rest } = await readTensors(spec.dataFolder);
  const part = (tensor: FileTensor) => (group ? group.partOf(tensor) : tensor);
  const { numClasses, imageSize, momentum, weightDecay } = spec;
  const network = openNetwork(spec);
  network.loadStateDict!(modelWeights(rest));
  const config = parseConfig({ dataset: 'synthetic', optimizer: { momentum, weightDecay } });
  const groups = tricks.noBiasDecay.definition.parameterGroups!({});
  const optimizer = createOptimizer(
    network.parameters,
    config.optimizer,
    ...(spec.noBiasDecay ? [groups] : []),
  );
  const parts = await buildTricks(tricksOf(spec), {
    network,
    config,
    stepsPerEpoch: 1,
    ...(group && { processes: group }),
    dataset: {
      name: 'normal noise',
      imageShape: [imageSize, imageSize, 3],
      classNames: Array.from({ length: numClasses }, (_, index) => `class ${index}`),
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
    // Its weights are random: what a teacher costs does not depend on them.
    loadNetwork: async (name) => openNetwork({ ...spec, network: name }),
  });
  const step = createTrainStep({ network, optimizer, numClasses, tricks: parts });
  return { network, images: part(images!), labels: part(labels!), step };
}

/** In the order of the trainer's list. */
function tricksOf({ amp, native, epsilon, teacher, mixup, wire }: OursSpec): ConfiguredTrick[] {
  return [
    ...(wire === null ? [] : [tricks.dataParallel({ wire })]),
    ...(amp === null ? [] : [tricks.amp({ dtype: amp, native })]),
    tricks.labelSmoothing({ epsilon }),
    ...(teacher === null ? [] : [tricks.distillation({ teacher })]),
    ...(mixup ? [tricks.mixup()] : []),
  ];
}

/** In the file the weights stand under `model/`, in PyTorch's layout. */
function modelWeights(tensors: Readonly<Record<string, FileTensor>>) {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name.replace(/^model\//, ''),
      { shape, data: data as Float32Array },
    ]),
  );
}
