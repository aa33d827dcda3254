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

/** How the images of a configuration come in where nothing else is set; null where only the images say. */
function usualInput(input: PartialConfig) {
  const { dataset, synthetic } = input as {
    readonly dataset?: string;
    readonly synthetic?: object;
  };
  const format = dataFormatNames.find((name) => name === dataset);
  if (!format) return null;
  try {
    return resolveInput({ dataset: format, synthetic: { channels: 3, ...synthetic } as never });
  } catch {
    return null;
  }
}

type Settings = Readonly<Record<string, unknown>>;

const known = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => !isUnset(value)));

/** How the weights were trained to see images, as settings of `input`, as far as they say it; and what stands in for the rest. */
function inputSettings({ input }: Weights, config: PartialConfig) {
  const given = known((config.input ?? {}) as Settings);
  const usual = usualInput(config);
  const perChannel = (values: readonly number[] | null) =>
    values && usual ? forChannels(values, usual.channels) : values;
  const said = {
    imageSize: input.imageSize,
    // One that the caller gave is instead of it.
    cropPct: 'evalResize' in given ? null : input.cropPct,
    mean: perChannel(input.mean),
    std: perChannel(input.std),
    interpolation: input.interpolation,
  };
  const settings = settingsBelow(configSchema(), ['input']);
  const open = (values: Settings, closed: Settings) =>
    Object.entries(known(values)).filter(([name]) => name in settings && !(name in closed));
  const { imageSize, mean, std } = usual ?? {};
  return {
    said: open(said, given),
    assumed: open({ imageSize, mean, std }, { ...known(said), ...given }),
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

const inWords = (settings: Iterable<readonly [string, unknown]>) =>
  Array.from(settings, ([name, value]) => `${name} ${round(value)}`).join(', ');

/** How weights saw images that say nothing of it, and what that is taken from. */
export const describeAssumed = (
  settings: Iterable<readonly [string, unknown]>,
  as: string,
): string => `nothing says ${inWords(settings)}: taken ${as}`;

/**
 * Fills in what weights say of themselves where the caller set nothing: network, image size, mean and deviation, interpolation, and the
 * crop of an evaluation. What is filled in is said in a line, and in another what they do not say of images and is taken as usual.
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
  const isOwn = input.dataset === ownPart;
  const { said, assumed } = isOwn ? { said: [], assumed: [] } : inputSettings(weights, input);
  const filled = [...Object.entries(model), ...said];
  const name = `pretrained ${weights.source}`;
  if (filled.length > 0) say(`${name}: ${inWords(filled)}`);
  if (assumed.length > 0) {
    const usual = `as usual for the dataset ${input.dataset}. Set what the weights saw, where it is something else (--image-size, --set input.mean=...)`;
    say(`${name}: ${describeAssumed(assumed, usual)}`);
  }
  return mergeConfig(input, {
    ...model,
    input: Object.fromEntries([...said, ...assumed]),
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
