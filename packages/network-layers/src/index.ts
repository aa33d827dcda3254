export {
  BATCH_NORM_EPSILON,
  type BatchNormVariables,
  batchNorm,
  type SharedStatistics,
  withSharedStatistics,
} from './batch-norm.ts';
export { expectInteger, expectOneOf } from './checks.ts';
export {
  type ApplyOptions,
  buildClassifier,
  type Classifier,
  type ClassifierConfig,
  type Definition,
} from './classifier.ts';
export { COMMON_DEFAULTS, type CommonConfig, type CommonOptions, withDefaults } from './config.ts';
export {
  type ConvNorm,
  type ConvNormOptions,
  convNorm,
  convNormParameters,
  type ForwardContext,
  type VariableMap,
} from './conv-norm.ts';
export {
  averagePool,
  type ConvolutionOptions,
  convolution,
  denseBundles,
  maxPoolAfterRelu,
  type Padding,
  samePadding,
} from './convolution.ts';
export {
  countTrainable,
  expectImageSize,
  type ImageSize,
  multiplyAdds,
  strided,
} from './counts.ts';
export { type GroupRules, type LayerGroup, layerGroups } from './groups.ts';
export { dense } from './head.ts';
export { type Init, initialValues } from './init.ts';
export { type Layers, tensorLayers } from './layers.ts';
export { layoutOf, transpose } from './layout.ts';
export { denseParameters, isBuffer, type ParameterKind, type ParameterSpec } from './parameters.ts';
export {
  type LoadStateDictOptions,
  type LoadStateDictResult,
  loadStateDict,
  type StateDict,
  type StateDictEntry,
  toStateDict,
  type WithVariables,
} from './state-dict.ts';
export { dropPaths, type UniformTensor } from './stochastic-depth.ts';
