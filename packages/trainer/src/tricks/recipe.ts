import { constant, type Schedule } from '@bag-of-tricks/lr-schedules';
import type { Optimizer } from '@bag-of-tricks/optimizer';
import {
  type ConfiguredTrick,
  freeze,
  type Network,
  type Plan,
  type RateFactors,
} from '@bag-of-tricks/train-step';
import type { KnownTricks, TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { createNetwork } from '../networks.ts';
import { createOptimizer, together } from '../optimizer/optimizer.ts';
import { splitByRate } from '../optimizer/rate-groups.ts';

/** The network that a configuration names, with the options that tricks add, or that stand for those which are off. */
export function buildNetwork(
  { model, init, seed }: TrainConfig,
  { known, on }: { readonly known: KnownTricks; readonly on: readonly ConfiguredTrick[] },
  shape: { readonly numClasses: number; readonly inputChannels: number },
): Network {
  const off = known.map(({ networkWithout }) => networkWithout);
  const options = on.map(({ definition, settings }) => definition.network?.(settings));
  return createNetwork(model, Object.assign({ ...shape, init, seed }, ...off, ...options));
}

/** What the tricks multiply the learning rate of each parameter by. */
export function rateFactorsOf(network: Network, tricks: readonly ConfiguredTrick[]): RateFactors {
  const factors: Record<string, number> = {};
  for (const { definition, settings } of tricks) {
    const given = definition.rateFactors?.(settings)(network) ?? {};
    for (const [name, factor] of Object.entries(given)) {
      factors[name] = (factors[name] ?? 1) * factor;
    }
  }
  return factors;
}

/** The network without what the tricks freeze. */
export function trainedPart(network: Network, tricks: readonly ConfiguredTrick[]): Network {
  const factors = rateFactorsOf(network, tricks);
  return freeze(network, (name) => factors[name] === 0);
}

/** The optimiser that a configuration names, over parameters in the groups that a trick makes of them. */
export function buildOptimizer(
  network: Network,
  config: TrainConfig,
  tricks: readonly ConfiguredTrick[],
): Optimizer {
  const grouping = tricks.filter(({ definition }) => definition.parameterGroups);
  if (grouping.length > 1) {
    throw new ConfigError(
      `expected at most one trick that groups parameters, got ${grouping.map(({ definition }) => definition.name).join(', ')}. Switch one off`,
    );
  }
  const [groups = together] = grouping.map(({ definition, settings }) =>
    definition.parameterGroups!(settings),
  );
  const split = splitByRate(groups, rateFactorsOf(network, tricks));
  return createOptimizer(network.parameters, config.optimizer, split);
}

/** The learning rate of every step: each trick that has a say wraps the plan of those after it. */
export function buildSchedule(
  config: TrainConfig,
  tricks: readonly ConfiguredTrick[],
  { stepsPerEpoch, processes = 1 }: Pick<Plan, 'stepsPerEpoch'> & Partial<Pick<Plan, 'processes'>>,
): Schedule {
  const flat = ({ peak }: Plan): Schedule => constant(peak);
  const schedule = tricks.reduceRight<(plan: Plan) => Schedule>((inner, trick) => {
    const { definition, settings } = trick;
    return definition.schedule?.(settings, config)(inner) ?? inner;
  }, flat);
  const steps = config.epochs * stepsPerEpoch;
  return schedule({ peak: config.learningRate.base, steps, before: 0, stepsPerEpoch, processes });
}
