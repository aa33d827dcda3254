import {
  COMMON_DEFAULTS,
  type CommonOptions,
  expectOneOf,
  type Padding,
  withDefaults,
} from '@bag-of-tricks/network-layers';

/** The three networks, of which all others are wider, deeper or narrower ones. */
export type Family = 'mobilenetv1' | 'mobilenetv2' | 'efficientnet_lite';

/** How to build a network. Only `family` is required. */
export interface MobileNetOptions extends CommonOptions {
  readonly family: Family;
  /** Channels are multiplied by this and rounded to a multiple of 8. Default 1. */
  readonly width?: number;
  /** Blocks of a stage are multiplied by this and rounded up. Default 1. */
  readonly depth?: number;
  /** Stem, head, and the depth of the first and last stage stay as they are at width and depth 1. Default: of EfficientNet-Lite. */
  readonly fixEnds?: boolean;
  /** A 1x1 convolution before the classifier's average. Default: not in MobileNetV1. */
  readonly head?: boolean;
  /** Default `'relu6'`. */
  readonly activation?: 'relu' | 'relu6';
  /** `symmetric`: as PyTorch pads. `same`: as TensorFlow does, of the `tf_` networks. Default `'symmetric'`. */
  readonly padding?: Padding;
  /** Of the batch norms. Default 1e-5; the `tf_` networks have 1e-3. */
  readonly epsilon?: number;
  /**
   * Drop rate that the blocks' rates approach in training, 0 <= rate < 1 (Huang et al. 2016): block i of n has `rate * i / n`.
   * Default 0, none.
   */
  readonly stochasticDepth?: number;
  /** Prefix of the TensorFlow.js variable names and `model.name`. Default: `family`. */
  readonly name?: string;
}

/** A resolved configuration: plain JSON, and `mobileNet(config)` builds the same network again. */
export type MobileNetConfig = Required<MobileNetOptions>;

const CALLER = 'mobileNet';

function expectPositive(option: string, value: unknown): void {
  if (Number.isFinite(value) && (value as number) > 0) return;
  throw new RangeError(
    `${CALLER}: expected ${option} to be a positive number, got ${String(value)}.`,
  );
}

/** Fills in the defaults and refuses what no network can be built from. */
export function resolveConfig(options: MobileNetOptions): MobileNetConfig {
  const { family } = options;
  expectOneOf(CALLER, 'family', family, ['mobilenetv1', 'mobilenetv2', 'efficientnet_lite']);
  const config = withDefaults<MobileNetConfig>(CALLER, options, {
    family,
    width: 1,
    depth: 1,
    fixEnds: family === 'efficientnet_lite',
    head: family !== 'mobilenetv1',
    activation: 'relu6',
    padding: 'symmetric',
    epsilon: 1e-5,
    ...COMMON_DEFAULTS,
    name: family,
  });
  expectOneOf(CALLER, 'fixEnds', config.fixEnds, [true, false]);
  expectOneOf(CALLER, 'head', config.head, [true, false]);
  expectOneOf(CALLER, 'activation', config.activation, ['relu', 'relu6']);
  expectOneOf(CALLER, 'padding', config.padding, ['symmetric', 'same']);
  for (const option of ['width', 'depth', 'epsilon'] as const) {
    expectPositive(option, config[option]);
  }
  return config;
}
