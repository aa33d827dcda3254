import { constant, type Schedule } from '@bag-of-tricks/lr-schedules';
import type { Optimizer } from '@bag-of-tricks/optimizer';
import type { ConfiguredTrick, Network, Plan, TrickDefinition } from '@bag-of-tricks/train-step';
import type { TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { createNetwork } from '../networks.ts';
import { createOptimizer } from '../optimizer/optimizer.ts';
import { tricks as ours } from './index.ts';

/** The network that a configuration names, with the options that its tricks add. */
export function buildNetwork(
  { model, init, seed }: TrainConfig,
  tricks: readonly ConfiguredTrick[],
  shape: { readonly numClasses: number; readonly inputChannels: number },
): Network {
  const known: readonly { readonly definition: Pick<TrickDefinition, 'networkWithout'> }[] =
    Object.values(ours);
  const off = known.map(({ definition }) => definition.networkWithout);
  const options = tricks.map(({ definition, settings }) => definition.network?.(settings));
  return createNetwork(model, Object.assign({ ...shape, init, seed }, ...off, ...options));
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
  const [groups] = grouping.map(({ definition, settings }) =>
    definition.parameterGroups!(settings),
  );
  return createOptimizer(network.parameters, config.optimizer, groups);
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
