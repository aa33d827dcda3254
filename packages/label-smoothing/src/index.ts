export {
  type SmoothedSoftmaxCrossEntropyOptions,
  smoothedSoftmaxCrossEntropy,
} from './smoothedSoftmaxCrossEntropy.ts';
export { type SmoothingForm, type SmoothLabelsOptions, smoothLabels } from './smoothLabels.ts';
