import type * as tf from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/**
 * The logits of a batch of images.
 *
 * @example
 * ```ts
 * import { applyNetwork } from '@bag-of-tricks/train-step';
 * import { createNetwork } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const options = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * const network = createNetwork('resnet20d', options);
 * const images = tf.zeros<tf.Rank.R4>([1, 8, 8, 3]);
 * applyNetwork(network, images, { training: false, numClasses: 4 }).print();
 * ```
 *
 * @throws Error when they are not `[batch, numClasses]`.
 */
export function applyNetwork(
  network: Network,
  images: tf.Tensor4D,
  { training, numClasses }: { readonly training: boolean; readonly numClasses: number },
): tf.Tensor2D {
  const logits = network.apply(images, { training });
  const [, classes] = logits.shape;
  if (logits.rank === 2 && classes === numClasses) return logits;
  const got = logits.rank === 2 ? `${classes}` : `a tensor of shape [${logits.shape}]`;
  throw new Error(
    `network: expected logits of ${numClasses} classes, network ${network.name} returns ${got}. Give it one output a class of the dataset`,
  );
}
