import { checkNotNegative } from './hyper-parameters.ts';
import { type NamedVariables, namedEntries, type Parameters } from './parameters.ts';

export interface NoBiasDecayOptions {
  /** Weight decay of conv and dense weights, >= 0. Default 0.01, PyTorch's. */
  readonly weightDecay?: number;
}

/** A parameter group whose parameters are keyed by stable name and whose weight decay is set. */
export interface DecayGroup {
  readonly parameters: NamedVariables;
  readonly weightDecay: number;
}

/**
 * Splits parameters so that only conv and dense weights decay, as in He et al. 2019, section 3.1 ("No bias decay").
 *
 * ```
 * weightDecay(w) = weightDecay  if rank(w) >= 2   (conv and dense weights)
 *                  0            otherwise         (biases, gamma and beta of norms)
 * ```
 *
 * Returns two groups for `adamw`, decayed first; a group may be empty. The same split as timm's `param_groups_weight_decay` by rank.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { adamw, noBiasDecay } from '@bag-of-tricks/adamw';
 *
 * const parameters = { 'fc.weight': tf.variable(tf.ones([4, 2])), 'fc.bias': tf.variable(tf.zeros([2])) };
 * const optimizer = adamw(noBiasDecay(parameters, { weightDecay: 0.05 })); // decays fc.weight only
 * ```
 *
 * @throws RangeError for a negative or non-finite weightDecay, TypeError for what is no tf.Variable.
 */
export function noBiasDecay(
  parameters: Parameters,
  { weightDecay = 0.01 }: NoBiasDecayOptions = {},
): [decayed: DecayGroup, notDecayed: DecayGroup] {
  checkNotNegative('noBiasDecay', 'weightDecay', weightDecay);
  const entries = namedEntries('noBiasDecay', parameters);
  const group = (isDecayed: boolean) =>
    Object.fromEntries(entries.filter(([, { rank }]) => rank >= 2 === isDecayed));
  return [
    { parameters: group(true), weightDecay },
    { parameters: group(false), weightDecay: 0 },
  ];
}
