export type { Best } from './checkpoint/state.ts';
export { bundledRecipes, loadRecipe } from './config/load.ts';
export { ConfigError, parseConfig } from './config/parse.ts';
export type { TrainConfig, TrainConfigInput } from './config/schema.ts';
export type {
  Batch,
  Batches,
  ColorVariation,
  Dataset,
  EpochPart,
  EvalPart,
  LoadOptions,
} from './data/dataset.ts';
export { type ImageDatasetOptions, imageDataset } from './data/image-dataset.ts';
export { type EvaluateOptions, type EvaluateResult, evaluate } from './evaluate.ts';
export { consoleLog, formatAccuracy } from './log/console.ts';
export type {
  BatchLog,
  EpochLog,
  Evaluation,
  TrainBeginLog,
  TrainHooks,
  TrainResult,
} from './log/hooks.ts';
export { type PrepareOptions, prepare, type Split } from './prepare.ts';
export { profileStep } from './profile-step.ts';
export type { Environment } from './run/environment.ts';
export { DivergenceError } from './step/check-finite.ts';
export type { Precision } from './step/precision.ts';
export { resumeTraining, type TrainOptions, train } from './train.ts';
