import {
  defineTrick,
  type LayerGroup,
  type Network,
  type RateFactors,
} from '@bag-of-tricks/train-step';
import { z } from 'zod';
import { ConfigError } from '../errors.ts';

/** Whether a pattern means the parameter: by its stage, by its own name with * for any text, or by a module that it is in. */
function isMeant(pattern: string, name: string, stage: string): boolean {
  if (pattern === stage) return true;
  const literal = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}(\\..*)?$`).test(name);
}

function groupsOf({ name, groups }: Network): readonly LayerGroup[] {
  if (groups) return groups;
  throw new ConfigError(
    `fineTuning: expected a network that says its groups (\`groups\`), got ${name}, which does not. Add them to it, or leave the trick out; in a model of tf.layers, set layer.trainable = false before fromLayersModel`,
  );
}

/** @throws ConfigError for a pattern that means nothing. */
function checkPatterns(patterns: readonly string[], groups: readonly LayerGroup[]): void {
  const unmeant = patterns.find(
    (pattern) =>
      !groups.some(({ stage, parameters }) =>
        parameters.some((name) => isMeant(pattern, name, stage)),
      ),
  );
  if (unmeant === undefined) return;
  const stages = [...new Set(groups.map(({ stage }) => stage))].join(', ');
  const example = groups.at(-1)!.parameters[0];
  throw new ConfigError(
    `fineTuning.freeze: expected a stage (${stages}) or a pattern of names such as ${example}, got '${unmeant}', which means no parameter. * stands for any text`,
  );
}

/** The settings of the trick. */
interface FineTuning {
  readonly freeze: readonly string[];
  readonly headFactor: number;
  readonly layerDecay: number;
}

/** Group i of n learns at `layerDecay^(n - 1 - i)` of the rate, the head at `headFactor` of it, and what is frozen not at all. */
function factorsOf(network: Network, { freeze, headFactor, layerDecay }: FineTuning): RateFactors {
  const groups = groupsOf(network);
  checkPatterns(freeze, groups);
  const entries = groups.flatMap(({ stage, parameters }, i) => {
    const factor = layerDecay ** (groups.length - 1 - i) * (stage === 'head' ? headFactor : 1);
    return parameters.map((name) => {
      const isFrozen = freeze.some((pattern) => isMeant(pattern, name, stage));
      return [name, isFrozen ? 0 : factor] as const;
    });
  });
  if (entries.every(([, factor]) => factor === 0)) {
    throw new ConfigError(
      `fineTuning.freeze: expected something that is left to train, got ${freeze.join(',')}, which is all of ${network.name}. Freeze less`,
    );
  }
  return Object.fromEntries(entries);
}

/** What is trained, and how fast. */
function describe(network: Network, settings: FineTuning): string {
  const factors = factorsOf(network, settings);
  const rates = Object.values(factors).filter((factor) => factor > 0);
  const variables = Object.values(network.parameters);
  const count = variables.reduce((sum, { size }) => sum + size, 0).toLocaleString('en');
  const [low, high] = [Math.min(...rates), Math.max(...rates)].map((rate) => +rate.toPrecision(3));
  const range = low === high ? `${low}` : `${low} to ${high}`;
  const frozen = settings.freeze.length > 0 ? `; frozen: ${settings.freeze.join(', ')}` : '';
  return `fine-tuning: ${count} parameters are trained, at ${range} times the learning rate${frozen}`;
}

/**
 * Layers that learn slowly or not at all: those near the images know already what any image looks like. The decay from layer to layer is
 * that of timm's `param_groups_layer_decay` (ULMFiT's discriminative fine-tuning, Howard and Ruder 2018).
 */
export const fineTuning = defineTrick({
  name: 'fineTuning',
  description: 'freeze layers, or train them at lower rates than the head',
  settings: {
    freeze: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'stages (stem, stage1, head) and names of parameters (layer1.*.bn1) to leave as they are',
      ),
    headFactor: z
      .number()
      .positive()
      .default(1)
      .describe('what the learning rate of the head is multiplied by'),
    layerDecay: z
      .number()
      .positive()
      .max(1)
      .default(1)
      .describe('what the rate of each layer is multiplied by, compared with the next one'),
  },
  flags: [
    ['--freeze <list>', 'freeze'],
    ['--head-lr-factor <factor>', 'headFactor'],
    ['--layer-decay <factor>', 'layerDecay'],
    ['--no-fine-tuning', null, 'train every layer at the same rate'],
  ],
  rateFactors: (settings) => (network) => factorsOf(network, settings),
  build(settings, { network }) {
    return { notes: { lines: [describe(network, settings)], environment: {} } };
  },
});
