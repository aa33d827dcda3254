import { countMultiplyAdds, createModel } from '@bag-of-tricks/resnet-variants';

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
}

/** What is measured by default; `python/networks.py` holds the same networks. */
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
];

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

/** The floating-point operations of one step of a workload; needs a TensorFlow.js backend. */
export function workloadFlops({
  network,
  batchSize,
  imageSize,
  numClasses,
  stemStride,
}: Workload): number {
  const model = createModel(network, { numClasses });
  const [firstKernel] = Object.values(model.parameters);
  const firstConvolution = firstKernel!.size * Math.ceil(imageSize / stemStride) ** 2;
  const multiplyAdds = countMultiplyAdds(model, { height: imageSize, width: imageSize });
  model.dispose();
  return matrixFlopsPerStep({ multiplyAdds, firstConvolution, batchSize });
}
