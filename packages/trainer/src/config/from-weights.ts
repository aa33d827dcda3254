import { dataFormatNames, resolveInput } from '@bag-of-tricks/image-data';
import {
  type FoundWeights,
  type OpenWeightsOptions,
  openWeights,
  type Weights,
} from '@bag-of-tricks/pretrained';
import { networkOf } from '../networks.ts';
import type { PretrainedNetwork } from '../pretrained.ts';
import { ownPart } from './base-schema.ts';
import { mergeConfig, type PartialConfig } from './load.ts';
import { withImpliedDataset } from './parse.ts';
import { configSchema, settingsBelow } from './schema.ts';

const isUnset = (value: unknown) => value === undefined || value === null;

/** Mean or deviation for so many channels: for grey images that of the colours, as timm's; a single one holds for each colour. */
export function forChannels(values: readonly number[], channels: number): readonly number[] {
  if (values.length === channels) return values;
  return Array(channels).fill(values.reduce((a, b) => a + b) / values.length);
}

/** The channels that the images of a configuration will have; null where only the images say. */
function channelsOf(input: PartialConfig): number | null {
  const { dataset, synthetic } = input as {
    readonly dataset?: string;
    readonly synthetic?: object;
  };
  const format = dataFormatNames.find((name) => name === dataset);
  if (!format) return null;
  try {
    return resolveInput({ dataset: format, synthetic: { channels: 3, ...synthetic } as never })
      .channels;
  } catch {
    return null;
  }
}

/** How the weights were trained to see images, as settings of `input`. */
function inputSettings({ input }: Weights, given: PartialConfig, channels: number | null) {
  const perChannel = (values: readonly number[] | null) =>
    values && channels ? forChannels(values, channels) : values;
  return {
    imageSize: input.imageSize,
    // One that the caller gave is instead of it.
    cropPct: isUnset(given.evalResize) ? input.cropPct : null,
    mean: perChannel(input.mean),
    std: perChannel(input.std),
    interpolation: input.interpolation,
  };
}

/** The network of the weights, where the caller named none. */
export const modelOf = (weights: FoundWeights): string =>
  networkOf(weights, 'Give its name by --model');

const round = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(round).join(' ')
    : typeof value === 'number'
      ? Math.round(value * 1000) / 1000
      : value;

/**
 * Fills in what weights say of themselves where the caller set nothing: network, image size, mean and deviation, interpolation, and the
 * crop of an evaluation. What is filled in is said in a line.
 *
 * @throws ConfigError when neither weights nor caller say which network it is.
 */
function fillFromWeights(
  given: PartialConfig,
  weights: Weights,
  say: (line: string) => void,
): PartialConfig {
  const input = withImpliedDataset(given) as PartialConfig;
  const model = isUnset(input.model) ? { model: modelOf(weights) } : {};
  const inner = (input.input ?? {}) as PartialConfig;
  const known = input.dataset === ownPart ? {} : inputSettings(weights, inner, channelsOf(input));
  const settings = settingsBelow(configSchema(), ['input']);
  const filled = Object.entries(known).filter(
    ([name, value]) => name in settings && value !== null && isUnset(inner[name]),
  );
  const lines = [...Object.entries(model), ...filled].map(
    ([name, value]) => `${name} ${round(value)}`,
  );
  if (lines.length > 0) say(`pretrained ${weights.source}: ${lines.join(', ')}`);
  return mergeConfig(input, {
    ...model,
    input: Object.fromEntries(filled),
    pretrained: weights.source,
  });
}

interface Finding extends Pick<OpenWeightsOptions, 'onProgress' | 'signal'> {
  /** One that `pretrained` made knows its weights. */
  readonly network?: Partial<PretrainedNetwork> | undefined;
}

/** Finds the weights that a configuration names and fills in what they say; one that names none stays as it is. */
export async function withWeights(
  given: unknown,
  { onProgress = () => {}, signal, network }: Finding = {},
): Promise<PartialConfig> {
  const input = given as PartialConfig;
  const { pretrained } = input ?? {};
  const loaded = network?.pretrained?.weights;
  if (loaded) return fillFromWeights(input, loaded, onProgress);
  if (typeof pretrained !== 'string' || pretrained === '') return input;
  const check = isUnset(input.model) ? modelOf : undefined;
  const weights = await openWeights(pretrained, { onProgress, signal, check });
  return fillFromWeights(input, weights, onProgress);
}
