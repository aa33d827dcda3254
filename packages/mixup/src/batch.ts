import type * as tf from '@tensorflow/tfjs-core';

/** Refuses inputs and labels that cannot be mixed. */
export function checkBatch(
  caller: string,
  inputs: tf.Tensor,
  labels: tf.Tensor,
): asserts labels is tf.Tensor2D {
  if (inputs.rank < 1 || inputs.shape[0] === 0) {
    throw new RangeError(
      `${caller}: expected inputs of shape [batch, ...] with at least one example, got [${inputs.shape}]. Put the batch first.`,
    );
  }
  checkNumeric(caller, 'inputs', inputs);
  checkNumeric(caller, 'labels', labels);
  const isSparse = labels.rank === 1 || (labels.dtype === 'int32' && labels.shape[1] === 1);
  if (isSparse) {
    throw new TypeError(
      `${caller}: expected soft labels of shape [batch, classes], got class indices [${labels.shape}]. Call tf.oneHot(labels, classes) or smoothLabels first: an index cannot be mixed.`,
    );
  }
  if (labels.rank !== 2 || labels.shape[0] !== inputs.shape[0]) {
    throw new RangeError(
      `${caller}: expected labels of shape [${inputs.shape[0]}, classes] to fit inputs [${inputs.shape}], got [${labels.shape}]. Give one row of labels for each input.`,
    );
  }
}

function checkNumeric(caller: string, name: string, tensor: tf.Tensor): void {
  if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32') {
    throw new TypeError(
      `${caller}: expected ${name} of dtype float32 or int32, got ${tensor.dtype}. Cast them with tf.cast(${name}, 'float32').`,
    );
  }
}
