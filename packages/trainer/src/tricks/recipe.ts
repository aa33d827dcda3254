import { constant, type Schedule } from '@bag-of-tricks/lr-schedules';
import type { Optimizer } from '@bag-of-tricks/optimizer';
import type { TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { createNetwork, type Network } from '../network/network.ts';
import { createOptimizer } from '../optimizer/optimizer.ts';
import type { ConfiguredTrick, Plan } from './trick.ts';

/** The network that a configuration names, with the options that its tricks add. */
export function buildNetwork(
  { model, init, seed }: TrainConfig,
  tricks: readonly ConfiguredTrick[],
  shape: { readonly numClasses: number; readonly inputChannels: number },
): Network {
  const options = tricks.map(({ definition, settings }) => definition.network?.(settings) ?? {});
  return createNetwork(model, Object.assign({ ...shape, init, seed }, ...options));
}

/** The optimiser that a configuration names, over parameters in the groups that a trick makes of them. */
export function buildOptimizer(
  network: Network,
  config: TrainConfig,
  tricks: readonly ConfiguredTrick[],
): Optimizer {
  const groups = tricks.flatMap(({ definition, settings }) =>
    definition.parameterGroups ? [definition.parameterGroups(settings)] : [],
  );
  if (groups.length > 1) {
    const names = tricks.filter(({ definition }) => definition.parameterGroups);
    throw new ConfigError(
      `expected at most one trick that groups parameters, got ${names.map(({ definition }) => definition.name).join(', ')}. Switch one off`,
    );
  }
  return createOptimizer(network.parameters, config.optimizer, groups[0]);
}

/** The learning rate of every step: each trick that has a say wraps the plan of those after it. */
export function buildSchedule(
  config: TrainConfig,
  tricks: readonly ConfiguredTrick[],
  stepsPerEpoch: number,
): Schedule {
  const flat = ({ peak }: Plan): Schedule => constant(peak);
  const schedule = tricks.reduceRight<(plan: Plan) => Schedule>((inner, trick) => {
    const { definition, settings } = trick;
    return definition.schedule?.(settings, config)(inner) ?? inner;
  }, flat);
  const steps = config.epochs * stepsPerEpoch;
  return schedule({ peak: config.learningRate.base, steps, before: 0, stepsPerEpoch });
}
