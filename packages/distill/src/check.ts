import type * as tf from '@tensorflow/tfjs-core';

/** Refuses temperatures with which FP32 would lose the result: logits / T or T^2 overflow, or T^2 only magnifies rounding. */
export function checkTemperature(caller: string, temperature: number): void {
  if (!(temperature >= 1e-3 && temperature <= 1e3)) {
    throw new RangeError(
      `${caller}: expected temperature to be a number from 0.001 to 1000, got ${String(temperature)}. The paper uses 20.`,
    );
  }
}

/** Refuses logits that are not `[batch, classes]` numbers, or not of the other logits' shape. */
export function checkLogits(
  name: string,
  logits: tf.Tensor,
  other = logits,
): asserts logits is tf.Tensor2D {
  checkNumeric('distillationLoss', name, logits);
  if (logits.rank !== 2 || logits.size === 0) {
    throw new RangeError(
      `distillationLoss: expected ${name} of shape [batch, classes], neither of them 0, got [${logits.shape}]. Pass the model's output before its softmax.`,
    );
  }
  if (String(logits.shape) !== String(other.shape)) {
    throw new RangeError(
      `distillationLoss: expected ${name} of shape [${other.shape}] as studentLogits, got [${logits.shape}]. Teacher and student must share batch and classes.`,
    );
  }
}

/** Refuses class indices and labels that do not fit the logits. */
export function checkLabels(labels: tf.Tensor, logits: tf.Tensor): asserts labels is tf.Tensor2D {
  checkNumeric('distillationLoss', 'labels', labels);
  if (labels.rank === 1) {
    throw new TypeError(
      `distillationLoss: expected soft labels of shape [batch, classes], got class indices [${labels.shape}]. Call tf.oneHot(labels, ${logits.shape[1]}) or smoothLabels first.`,
    );
  }
  if (String(labels.shape) !== String(logits.shape)) {
    throw new RangeError(
      `distillationLoss: expected labels of shape [${logits.shape}] as studentLogits, got [${labels.shape}]. Give one row of probabilities for each image.`,
    );
  }
}

/** Refuses tensors that are not float32 or int32. */
export function checkNumeric(caller: string, name: string, tensor: tf.Tensor): void {
  if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32') {
    throw new TypeError(
      `${caller}: expected ${name} of dtype float32 or int32, got ${tensor.dtype}. Cast with tf.cast(${name}, 'float32').`,
    );
  }
}
