import * as tf from '@tensorflow/tfjs';
import type { Network } from '../src/network.ts';

/** Options of `linearNetwork`. */
export interface LinearNetworkOptions {
  /** Numbers an image. */
  readonly pixels: number;
  readonly numClasses: number;
  /** `[pixels, numClasses]`; default: normal, always the same. */
  readonly weight?: tf.Tensor2D;
}

/** Logits that are a matrix product: what a step does to them can be computed by hand. */
export function linearNetwork({ pixels, numClasses, weight }: LinearNetworkOptions): Network {
  const own = tf.tidy(() =>
    tf.variable(weight ?? tf.randomNormal([pixels, numClasses], 0, 0.3, 'float32', 1)),
  );
  weight?.dispose();
  return {
    ...{ name: 'linear', parameters: { weight: own }, buffers: {} },
    apply: (images) =>
      tf.tidy(() => tf.matMul(tf.reshape(tf.cast(images, 'float32'), [-1, pixels]), own as never)),
    dispose: () => own.dispose(),
  };
}
