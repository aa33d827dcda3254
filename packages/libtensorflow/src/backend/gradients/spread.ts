import { broadcastTo, reshape, type Tensor, util } from '@tensorflow/tfjs-core';

/** Undoes a reduction of a tensor of this shape: repeats each value along the axes that were reduced. */
export function spread(dy: Tensor, shape: number[], axes: number[]): Tensor {
  const kept = shape.map((dim, index) => (axes.includes(index) ? 1 : dim));
  const expanded = util.arraysEqual(dy.shape, kept) ? dy : reshape(dy, kept);
  return broadcastTo(expanded, shape as [number]);
}
