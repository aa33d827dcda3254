/** A network, and the batch that it is measured on. */
export interface Workload {
  readonly network: string;
  readonly batchSize: number;
  /** Height and width in pixels. */
  readonly imageSize: number;
  readonly numClasses: number;
  /** Stride of the first convolution, whose input needs no gradient. */
  readonly stemStride: number;
  /** Timed steps in a round, unless the user says otherwise. */
  readonly steps: number;
  /** At batch 256. Default: the paper's 0.1. */
  readonly baseLearningRate?: number;
}

/** So that rounding does not grow in the steps whose losses are compared: at 0.1 PyTorch's own modes differ by 2e-3. */
const SLOW = 0.02;

/** What can be measured; `python/networks.py` makes the same networks. `mobilenetv2-layers` is none of ours: it is made of tf.layers. */
export const WORKLOADS: readonly Workload[] = [
  {
    network: 'resnet20d',
    batchSize: 128,
    imageSize: 32,
    numClasses: 10,
    stemStride: 1,
    steps: 20,
  },
  {
    network: 'resnet50d',
    batchSize: 16,
    imageSize: 224,
    numClasses: 1000,
    stemStride: 2,
    steps: 5,
  },
  {
    network: 'mobilenetv2-layers',
    batchSize: 8,
    imageSize: 224,
    numClasses: 1000,
    stemStride: 2,
    steps: 10,
    baseLearningRate: SLOW,
  },
  // What fine-tuning and the paper's other networks train on.
  ...(['tf_efficientnet_lite0', 'mobilenetv2_100', 'resnext50_32x4d'] as const).map((network) => ({
    network,
    batchSize: network === 'resnext50_32x4d' ? 16 : 32,
    imageSize: 128,
    numClasses: 1000,
    stemStride: 2,
    steps: 10,
    baseLearningRate: SLOW,
  })),
];

/** The networks of the recipe, which are measured where nothing else is asked for. */
export const RECIPE_NETWORKS: readonly string[] = ['resnet20d', 'resnet50d'];

/** @throws RangeError naming the networks that there are. */
export function findWorkloads(networks: readonly string[]): Workload[] {
  return networks.map((network) => {
    const workload = WORKLOADS.find((candidate) => candidate.network === network);
    if (workload) return workload;
    throw new RangeError(
      `--networks: expected some of ${WORKLOADS.map((known) => known.network).join(', ')}, got ${JSON.stringify(network)}.`,
    );
  });
}

/**
 * Floating-point operations of the convolutions and the dense layer in one training step: two a multiply-add, once
 * forward, once for the gradient of the input and once for that of the filter; the images themselves need none.
 */
export function matrixFlopsPerStep({
  multiplyAdds,
  firstConvolution,
  batchSize,
}: {
  /** Of one image, forward. */
  readonly multiplyAdds: number;
  /** The part of the first convolution in it. */
  readonly firstConvolution: number;
  readonly batchSize: number;
}): number {
  return 2 * batchSize * (3 * multiplyAdds - firstConvolution);
}
