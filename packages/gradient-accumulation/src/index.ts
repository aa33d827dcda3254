export {
  type AccumulateGradientsOptions,
  accumulateGradients,
  type MicroBatchResult,
} from './accumulate-gradients.ts';
