import { adamw } from '@bag-of-tricks/adamw';
import { nesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import type { NamedVariables, Optimizer, ParameterGroup } from '@bag-of-tricks/optimizer';
import type { ParameterGroups } from '@bag-of-tricks/train-step';
import type { BaseConfig } from '../config/base-schema.ts';
import { ConfigError } from '../errors.ts';

type Create = (groups: readonly ParameterGroup[], settings: BaseConfig['optimizer']) => Optimizer;

const create: Readonly<Record<BaseConfig['optimizer']['name'], Create>> = {
  sgd: (groups, { momentum }) => nesterovSgd(groups, { momentum }),
  own: () => {
    throw new ConfigError(
      "optimizer.name: expected sgd or adamw, got 'own', which stands for an optimiser that fit was given",
    );
  },
  adamw: (groups, { beta1, beta2, epsilon }) => adamw(groups, { beta1, beta2, epsilon }),
};

/** All parameters in one group. */
export const together: ParameterGroups = (parameters, { weightDecay }) => [
  { parameters, weightDecay },
];

/**
 * The optimiser of a recipe over the parameters, in the groups that a trick makes of them, or in one.
 *
 * @example
 * ```ts
 * import { createOptimizer, parseConfig } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const weight = tf.variable(tf.tensor1d([1, 2]), true, 'weight');
 * const { optimizer: settings } = parseConfig({ dataset: 'synthetic', optimizer: { name: 'adamw' } });
 * const optimizer = createOptimizer({ weight }, settings);
 * optimizer.applyGradients({ weight: tf.tensor1d([1, 1]) }, tf.scalar(0.1));
 * weight.print();
 * ```
 */
export function createOptimizer(
  parameters: NamedVariables,
  settings: BaseConfig['optimizer'],
  groups: ParameterGroups = together,
): Optimizer {
  return create[settings.name](groups(parameters, settings), settings);
}
