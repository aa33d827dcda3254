import { checkNotNegative } from './hyper-parameters.ts';
import {
  type NamedVariables,
  namedEntries,
  type ParameterGroup,
  type Parameters,
} from './parameters.ts';

export interface NoBiasDecayOptions {
  /** Weight decay of conv and dense weights, >= 0. Default: that of the optimiser which gets the groups. */
  readonly weightDecay?: number;
}

/** A parameter group whose parameters are keyed by stable name. */
export interface DecayGroup extends ParameterGroup {
  readonly parameters: NamedVariables;
}

/**
 * Splits parameters so that only conv and dense weights decay, as in He et al. 2019, section 3.1 ("No bias decay"), after Jia et al. 2018.
 *
 * ```
 * weightDecay(w) = weightDecay  if rank(w) >= 2   (conv and dense weights)
 *                  0            otherwise         (biases, BN gamma and beta)
 * ```
 *
 * Returns two groups for `nesterovSgd` or `adamw`, decayed first; a group may be empty.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { noBiasDecay } from '@bag-of-tricks/optimizer';
 *
 * const parameters = { 'fc.weight': tf.variable(tf.ones([4, 2])), 'fc.bias': tf.variable(tf.zeros([2])) };
 * const [decayed, notDecayed] = noBiasDecay(parameters, { weightDecay: 1e-4 });
 * console.log(Object.keys(decayed.parameters), notDecayed.weightDecay); // ['fc.weight'] 0
 * ```
 *
 * Where implementations differ: timm and torchvision decide by rank as here; gluon-cv's `--no-wd` decides by name
 * (anything ending in beta, gamma or bias). On ResNets the two agree.
 *
 * @throws RangeError for a negative or non-finite weightDecay, TypeError for what is no tf.Variable.
 */
export function noBiasDecay(
  parameters: Parameters,
  { weightDecay }: NoBiasDecayOptions = {},
): [decayed: DecayGroup, notDecayed: DecayGroup] {
  if (weightDecay !== undefined) checkNotNegative('noBiasDecay', 'weightDecay', weightDecay);
  const entries = namedEntries('noBiasDecay', parameters);
  const ofRank = (isDecayed: boolean) =>
    Object.fromEntries(entries.filter(([, { rank }]) => rank >= 2 === isDecayed));
  return [
    { parameters: ofRank(true), ...(weightDecay !== undefined && { weightDecay }) },
    { parameters: ofRank(false), weightDecay: 0 },
  ];
}
