import type * as tf from '@tensorflow/tfjs-core';
import { checkWeightDecay } from './hyper-parameters.ts';
import { type NamedVariables, namedEntries, type Parameters } from './parameters.ts';

export interface NoBiasDecayOptions {
  /** Weight decay of conv and dense weights, >= 0. Default 1e-4, the paper's. */
  readonly weightDecay?: number;
}

/** A parameter group whose parameters are keyed by stable name and whose weight decay is set. */
export interface DecayGroup {
  readonly parameters: NamedVariables;
  readonly weightDecay: number;
}

/**
 * Splits parameters so that only conv and dense weights decay, as in He et al. 2019, section 3.1 ("No bias decay"), after Jia et al. 2018.
 *
 * ```
 * weightDecay(w) = weightDecay  if rank(w) >= 2   (conv and dense weights)
 *                  0            otherwise         (biases, BN gamma and beta)
 * ```
 *
 * Returns two groups for `nesterovSgd`, decayed first; a group may be empty.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
 *
 * const parameters = { 'fc.weight': tf.variable(tf.ones([4, 2])), 'fc.bias': tf.variable(tf.zeros([2])) };
 * const optimizer = nesterovSgd(noBiasDecay(parameters)); // decays fc.weight only
 * ```
 *
 * Where implementations differ: timm and torchvision decide by rank as here; gluon-cv's `--no-wd` decides by name
 * (anything ending in beta, gamma or bias). On ResNets the two agree.
 *
 * @throws RangeError for a negative or non-finite weightDecay, TypeError for what is no tf.Variable.
 */
export function noBiasDecay(
  parameters: Parameters,
  { weightDecay = 1e-4 }: NoBiasDecayOptions = {},
): [decayed: DecayGroup, notDecayed: DecayGroup] {
  checkWeightDecay('noBiasDecay', weightDecay);
  const entries = namedEntries('noBiasDecay', parameters);
  const isWeight = ([, variable]: [string, tf.Variable]) => variable.rank >= 2;
  return [
    { parameters: Object.fromEntries(entries.filter(isWeight)), weightDecay },
    { parameters: Object.fromEntries(entries.filter((entry) => !isWeight(entry))), weightDecay: 0 },
  ];
}
