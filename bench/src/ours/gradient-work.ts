import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import type { StepWork } from '../scale/step-model.ts';
import type { Workload } from '../workloads.ts';
import { openNetwork } from './networks.ts';

/**
 * What a step exchanges: the gradients of a network in the order in which a backward pass has them, and what share of the pass each takes: of the multiply-adds of
 * its layer. A ResNet's layers have images of one size within a stage.
 */
export async function gradientWork(
  workload: Pick<Workload, 'network' | 'imageSize' | 'numClasses' | 'stemStride'>,
): Promise<StepWork> {
  await registerTensorFlowBackend();
  const network = openNetwork(workload);
  const gradients = Object.entries(network.parameters).map(([name, { size, rank }]) => ({
    bytes: 4 * size,
    multiplyAdds: rank < 2 ? 0 : size * pixelsAt(name, workload),
  }));
  const statistics = Object.values(network.buffers).filter(({ dtype }) => dtype === 'float32');
  const statisticsBytes = statistics.reduce((sum, { size }) => sum + 4 * size, 0);
  network.dispose();
  const total = gradients.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
  const shared = gradients.map(({ bytes, multiplyAdds }) => ({
    bytes,
    share: multiplyAdds / total,
  }));
  return { gradients: shared.reverse(), statisticsBytes };
}

/** Where images are large, a pool behind the stem halves them once more. */
function pixelsAt(
  parameter: string,
  { imageSize, stemStride }: Pick<Workload, 'imageSize' | 'stemStride'>,
): number {
  if (/^fc\./.test(parameter)) return 1;
  const stage = /^layer(\d)/.exec(parameter)?.[1];
  const stride = stage === undefined ? stemStride : stemStride ** 2 * 2 ** (Number(stage) - 1);
  return (imageSize / stride) ** 2;
}
