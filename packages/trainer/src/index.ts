export {
  type Batch,
  type Batches,
  type ColorTransform,
  type Dataset,
  type EpochPart,
  type EvalPart,
  type ImageDatasetOptions,
  imageDataset,
  type LoadOptions,
} from '@bag-of-tricks/image-data';
export type { Optimizer } from '@bag-of-tricks/optimizer';
export { z } from 'zod';
export type { Best } from './checkpoint/state.ts';
export type { BaseConfig } from './config/base-schema.ts';
export { recipeTricks } from './config/known-tricks.ts';
export { bundledRecipes, loadRecipe } from './config/load.ts';
export { type ParseOptions, parseConfig } from './config/parse.ts';
export type { KnownTricks, TrainConfig, TrainConfigInput } from './config/schema.ts';
export { ConfigError, DivergenceError, RunLockedError, SaveError } from './errors.ts';
export { type EvaluateOptions, type EvaluateResult, evaluate } from './evaluate.ts';
export {
  type FitOptions,
  fit,
  resumeTraining,
  type TrainOptions,
  train,
} from './fit.ts';
export { consoleLog, formatAccuracy } from './log/console.ts';
export type {
  BatchLog,
  EpochLog,
  Evaluation,
  TrainBeginLog,
  TrainHooks,
  TrainResult,
} from './log/hooks.ts';
export { fromLayersModel } from './network/from-layers-model.ts';
export {
  createNetwork,
  type Network,
  type NetworkFamily,
  type NetworkOptions,
  registerNetworks,
  type StateDict,
} from './network/network.ts';
export { fromTfjsOptimizer } from './optimizer/from-tfjs-optimizer.ts';
export { createOptimizer } from './optimizer/optimizer.ts';
export { type PrepareOptions, prepare, type Split } from './prepare.ts';
export { profileStep } from './profile-step.ts';
export type { Environment } from './run/environment.ts';
export { createEvalStep, type EvalStep, type EvalStepParts } from './step/eval-step.ts';
export {
  createTrainStep,
  type LossFunction,
  type TrainStep,
  type TrainStepInputs,
  type TrainStepParts,
} from './step/train-step.ts';
export { tricks } from './tricks/index.ts';
export { buildTricks } from './tricks/parts.ts';
export {
  type ConfiguredTrick,
  defineTrick,
  type RunContext,
  type Trick,
  type TrickDefinition,
  type TrickParts,
} from './tricks/trick.ts';
