export { type DecayWarmup, type EmaDecayOptions, emaDecay } from './decay.ts';
export { type Ema, ema, type NamedVariables } from './ema.ts';
