export { fromTfjsOptimizer } from './from-tfjs-optimizer.ts';
export {
  groupedOptimizer,
  type OptimizerRule,
  type Update,
  type UpdateInputs,
} from './grouped-optimizer.ts';
export {
  checkNotNegative,
  checkNumberOrScalar,
  type NumberOrScalar,
} from './hyper-parameters.ts';
export { type DecayGroup, type NoBiasDecayOptions, noBiasDecay } from './no-bias-decay.ts';
export type { GroupedOptimizer, Optimizer } from './optimizer.ts';
export type { NamedVariables, ParameterGroup, Parameters } from './parameters.ts';
export {
  type TfjsOptimizer,
  type TfjsOptimizerOptions,
  toTfjsOptimizer,
} from './to-tfjs-optimizer.ts';
