export type { NumberOrScalar } from './hyper-parameters.ts';
export { type NesterovSgd, type NesterovSgdOptions, nesterovSgd } from './nesterov-sgd.ts';
export {
  type NesterovUpdateOptions,
  type NesterovUpdateResult,
  nesterovUpdate,
} from './nesterov-update.ts';
export { type DecayGroup, type NoBiasDecayOptions, noBiasDecay } from './no-bias-decay.ts';
export type { NamedVariables, ParameterGroup, Parameters } from './parameters.ts';
