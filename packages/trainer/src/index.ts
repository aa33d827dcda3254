export type { ClassProbability, InferenceDescription } from '@bag-of-tricks/classifier';
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
  type PrepareOptions,
  prepare,
  type Split,
} from '@bag-of-tricks/image-data';
export { fromTfjsOptimizer, type Optimizer } from '@bag-of-tricks/optimizer';
export {
  type BatchLog,
  type Best,
  consoleLog,
  type Environment,
  type EpochLog,
  type Evaluation,
  formatAccuracy,
  type TrainResult,
} from '@bag-of-tricks/run-folder';
export {
  buildTricks,
  type Column,
  type ConfiguredTrick,
  compose,
  createEvalStep,
  createTrainStep,
  type DrawFor,
  type Draws,
  defineTrick,
  disposeTricks,
  drawShapes,
  drawStep,
  type EvalStep,
  type EvalStepParts,
  epochData,
  fromLayersModel,
  type LossFunction,
  type NamedParts,
  type Network,
  type NetworkFamily,
  type NetworkOptions,
  type Plan,
  type RunContext,
  type Stages,
  type StateDict,
  type TrainStep,
  type TrainStepInputs,
  type TrainStepParts,
  type Trick,
  type TrickDefinition,
  type TrickParts,
  type Wrap,
  z,
} from '@bag-of-tricks/train-step';
export { type Backend, type OpenBackendOptions, openBackend } from './backend.ts';
export {
  type Benchmark,
  type BenchmarkOptions,
  type BenchmarkRow,
  benchmark,
} from './benchmark/benchmark.ts';
export type { Precision, Timed } from './benchmark/case.ts';
export { formatBenchmark } from './benchmark/format-benchmark.ts';
export type { BaseConfig } from './config/base-schema.ts';
export { recipeTricks } from './config/known-tricks.ts';
export { bundledRecipes, loadRecipe } from './config/load.ts';
export { type ParseOptions, parseConfig } from './config/parse.ts';
export type { KnownTricks, TrainConfig, TrainConfigInput } from './config/schema.ts';
export { type DryRun, dryRun } from './dry-run.ts';
export { ConfigError, DivergenceError, RunLockedError, SaveError } from './errors.ts';
export { type EvaluateOptions, type EvaluateResult, evaluate } from './evaluate.ts';
export { fit, resumeTraining, train } from './fit.ts';
export {
  type Classified,
  type Classifier,
  type ClassifierOptions,
  type ClassifySourceOptions,
  loadClassifier,
  type TopOptions,
  type UnusableImage,
} from './inference/classifier.ts';
export { createNetwork, registerNetworks } from './networks.ts';
export { createOptimizer } from './optimizer/optimizer.ts';
export { type PretrainedNetwork, type PretrainedOptions, pretrained } from './pretrained.ts';
export { profileStep } from './profile-step.ts';
export { type Replayed, type ReplayOptions, replay } from './replay.ts';
export type {
  ResumeOptions,
  TrainBeginLog,
  TrainHooks,
  TrainOptions,
} from './run/train-options.ts';
export type { StepGraphs } from './step/runner.ts';
export { type TraceStepsOptions, traceSteps } from './trace-steps.ts';
export { tricks } from './tricks/index.ts';
