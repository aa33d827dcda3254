import * as mobileNets from '@bag-of-tricks/mobilenet-variants';
import * as resNets from '@bag-of-tricks/resnet-variants';
import type { Network } from '@bag-of-tricks/train-step';
import { createNetwork } from '@bag-of-tricks/trainer';
import type { Workload } from '../workloads.ts';
import { countLayerMultiplyAdds, mobileNetV2 } from './mobilenet-v2.ts';

/** The network that is none of ours. */
export const FOREIGN = 'mobilenetv2-layers';

/** What a network is measured on. */
export type NetworkSize = Pick<Workload, 'network' | 'imageSize' | 'numClasses'>;

/** A network by its name; needs a TensorFlow.js backend. */
export function openNetwork({ network, imageSize, numClasses }: NetworkSize): Network {
  if (network === FOREIGN) return mobileNetV2(imageSize, numClasses);
  return createNetwork(network, { numClasses, inputChannels: 3, init: 'xavier', seed: 0 });
}

/** Multiply-adds of one image through a network, forward. */
export function multiplyAddsOf({ network, imageSize, numClasses }: NetworkSize): number {
  if (network === FOREIGN) return countLayerMultiplyAdds(imageSize, numClasses);
  const isMobile = mobileNets.modelNames().includes(network);
  const { countMultiplyAdds, createModel } = (isMobile ? mobileNets : resNets) as typeof resNets;
  const model = createModel(network, { numClasses });
  const count = countMultiplyAdds(model, { height: imageSize, width: imageSize });
  model.dispose();
  return count;
}
