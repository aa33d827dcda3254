export { type BceLossOptions, bceLoss } from './bce-loss.ts';
export { type SmoothingForm, type SmoothLabelsOptions, smoothLabels } from './smooth-labels.ts';
export {
  type SmoothedSoftmaxCrossEntropyOptions,
  smoothedSoftmaxCrossEntropy,
} from './smoothed-softmax-cross-entropy.ts';
export {
  type Reduction,
  type SoftmaxCrossEntropyOptions,
  softmaxCrossEntropy,
} from './softmax-cross-entropy.ts';
