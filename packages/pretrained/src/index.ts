export { checkClassNames, namesOfWeights } from './check-class-names.ts';
export type { HubOptions } from './hub-options.ts';
export { type LoadableNetwork, type LoadedWeights, loadWeights } from './load-weights.ts';
export { type MatchedWeights, type MatchOptions, matchWeights } from './match-weights.ts';
export { type OpenWeightsOptions, openWeights } from './open-weights.ts';
export type { StateDict, StateDictEntry } from './state-dict.ts';
export type {
  FoundWeights,
  Provenance,
  Weights,
  WeightsDescription,
  WeightsFile,
  WeightsInput,
} from './weights.ts';
