export { type SmoothingForm, type SmoothLabelsOptions, smoothLabels } from './smooth-labels.ts';
export {
  type SmoothedSoftmaxCrossEntropyOptions,
  smoothedSoftmaxCrossEntropy,
} from './smoothed-softmax-cross-entropy.ts';
