import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { threadOptions } from './threads.ts';

/** The highest rates that the library reached, in 10^9 floating-point operations a second. */
export interface MachineRate {
  readonly convolution: number;
  readonly matrixProduct: number;
}

interface Trial {
  readonly flops: number;
  readonly run: () => tf.Tensor;
}

/** Time spent on each shape, after one call to warm up. */
const trialMs = 400;

/** 3x3 convolutions as residual networks have them; the widest of them is the machine's best. */
function convolution(batch: number, size: number, channels: number): Trial {
  const images = tf.randomNormal<tf.Rank.R4>([batch, size, size, channels]);
  const kernel = tf.randomNormal<tf.Rank.R4>([3, 3, channels, channels]);
  return {
    flops: 2 * batch * size * size * 9 * channels * channels,
    run: () => tf.conv2d(images, kernel, 1, 'same'),
  };
}

function matrixProduct(size: number): Trial {
  const a = tf.randomNormal<tf.Rank.R2>([size, size]);
  const b = tf.randomNormal<tf.Rank.R2>([size, size]);
  return { flops: 2 * size ** 3, run: () => tf.matMul(a, b) };
}

/** The fastest call, in 10^9 operations a second. */
function bestRate({ flops, run }: Trial): number {
  run().dispose();
  let best = Number.POSITIVE_INFINITY;
  for (const end = performance.now() + trialMs; performance.now() < end; ) {
    const start = performance.now();
    const result = run();
    best = Math.min(best, performance.now() - start);
    result.dispose();
  }
  return flops / best / 1e6;
}

/** Measures how fast this machine can convolve and multiply through TensorFlow, one op at a time. */
export async function machineRate({
  threads,
}: {
  readonly threads: number | null;
}): Promise<MachineRate> {
  await registerTensorFlowBackend(threadOptions(threads));
  const bestOf = (trials: readonly Trial[]) => Math.max(...trials.map(bestRate));
  return {
    convolution: bestOf([
      convolution(16, 56, 64),
      convolution(16, 28, 128),
      convolution(16, 28, 256),
      convolution(16, 14, 256),
      convolution(16, 14, 512),
    ]),
    matrixProduct: bestOf([matrixProduct(1024), matrixProduct(2048)]),
  };
}
