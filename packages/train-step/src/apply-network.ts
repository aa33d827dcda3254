import type * as tf from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/**
 * The logits of a batch of images.
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
