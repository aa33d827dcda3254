import {
  Add,
  broadcast_util,
  clone,
  type GradConfig,
  reshape,
  sum,
  type Tensor,
  util,
} from '@tensorflow/tfjs-core';

/** Passes `dy` on as it is, where the stock gradient reshapes it to the shape that it has. */
export const addGradient: GradConfig = {
  kernelName: Add,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b]) => ({
    a: () => sumToShape(dy as Tensor, a!.shape),
    b: () => sumToShape(dy as Tensor, b!.shape),
  }),
};

/** Undoes a broadcast: sums over the axes along which the shape was stretched. */
function sumToShape(dy: Tensor, shape: number[]): Tensor {
  const axes = broadcast_util.getReductionAxes(shape, dy.shape);
  if (axes.length === 0) return util.arraysEqual(dy.shape, shape) ? clone(dy) : reshape(dy, shape);
  const total = sum(dy, axes);
  return util.arraysEqual(total.shape, shape) ? total : reshape(total, shape);
}
