export { z } from 'zod';
export { applyNetwork } from './apply-network.ts';
export { buildTricks, disposeTricks, epochData } from './build-tricks.ts';
export { checkNames, type DrawFor, type Draws, drawShapes, drawStep } from './draws.ts';
export { ConfigError, DivergenceError } from './errors.ts';
export {
  createEvalStep,
  type EvalStep,
  type EvalStepParts,
  type InferenceParts,
  inferLogits,
} from './eval-step.ts';
export { freeze } from './freeze.ts';
export { fromLayersModel, type LayersModelLike } from './from-layers-model.ts';
export { registerTrainingKernels } from './kernels/register-training-kernels.ts';
export { type LossFunction, losses } from './losses.ts';
export { nearestName } from './nearest.ts';
export {
  type LayerGroup,
  type NamedArray,
  type Network,
  type NetworkFamily,
  type NetworkOptions,
  type NetworkRegistry,
  networkRegistry,
  type StateDict,
} from './network.ts';
export { normalizeImages, type PixelStatistics } from './normalize-images.ts';
export type { Column, DrawAt, EpochData, NamedParts, Picture, TrickParts } from './parts.ts';
export {
  type At,
  compose,
  type Differentiated,
  type Example,
  type Metrics,
  type RawBatch,
  type Scored,
  type Scores,
  type Stages,
  type Values,
  type Wrap,
} from './stages.ts';
export { type FirstOp, type Probe, type Stage, stepProbe } from './step-probe.ts';
export {
  createTrainStep,
  type TrainStep,
  type TrainStepInputs,
  type TrainStepParts,
} from './train-step.ts';
export {
  type ConfiguredTrick,
  defineTrick,
  type ImageTraits,
  type ParameterGroups,
  type Plan,
  type ProcessGroup,
  type RateFactors,
  type RunConfig,
  type RunContext,
  requireColors,
  type Schedule,
  type SettingsShape,
  type Trick,
  type TrickDefinition,
  type TrickFlag,
  type TrickSwitch,
} from './trick.ts';
