import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from '../compare.ts';

/** What the examples compute with; all of them are inputs of the graph, so that nothing is folded away. */
export interface Examples extends Tensors {
  /** Four numbers from -1 to 1. */
  v: tf.Tensor1D;
  w: tf.Tensor1D;
  /** Four numbers from 1.1 to 2. */
  p: tf.Tensor1D;
  m: tf.Tensor2D;
  n: tf.Tensor2D;
  image: tf.Tensor4D;
  filter: tf.Tensor4D;
  volume: tf.Tensor5D;
  filter3d: tf.Tensor5D;
  i: tf.Tensor1D;
  b: tf.Tensor1D;
  boxes: tf.Tensor2D;
  scores: tf.Tensor1D;
}

export function exampleInputs(): Examples {
  const wave = (shape: number[], seed: number) =>
    tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) =>
        Math.sin(1.7 * i + seed),
      ),
      shape,
    );
  return {
    v: wave([4], 1) as tf.Tensor1D,
    w: wave([4], 2) as tf.Tensor1D,
    p: tf.tensor1d([1.1, 1.9, 1.4, 2]),
    m: wave([3, 4], 3) as tf.Tensor2D,
    n: wave([4, 3], 4) as tf.Tensor2D,
    image: wave([1, 6, 6, 2], 5) as tf.Tensor4D,
    filter: wave([3, 3, 2, 2], 6) as tf.Tensor4D,
    volume: wave([1, 4, 4, 4, 2], 7) as tf.Tensor5D,
    filter3d: wave([2, 2, 2, 2, 3], 8) as tf.Tensor5D,
    i: tf.tensor1d([3, 0, 2, 2], 'int32'),
    b: tf.tensor1d([1, 0, 1, 1], 'bool'),
    boxes: tf.tensor2d([
      [0, 0, 1, 1],
      [0, 0, 1, 0.9],
      [2, 2, 3, 3],
    ]),
    scores: tf.tensor1d([0.9, 0.8, 0.7]),
  };
}

/** A call that runs a kernel. */
export type Example = (inputs: Examples) => tf.Tensor | tf.Tensor[] | tf.NamedTensorMap;

export type KernelExamples = Readonly<Record<string, Example>>;

export const gradient = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) => tf.grad(f)(x);
