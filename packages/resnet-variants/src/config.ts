import {
  expectCommonConfig,
  expectInteger,
  expectOneOf,
  type Init,
} from '@bag-of-tricks/network-layers';

/** The four architectures of the paper's section 4.2: A is the original network, each next letter includes the one before. */
export type Variant = 'a' | 'b' | 'c' | 'd';

/** Depths with a four-stage ImageNet layout (18 to 152) or a three-stage layout for small images (20 to 110, `6n + 2`). */
export type Depth = 18 | 34 | 50 | 101 | 152 | 20 | 32 | 44 | 56 | 110;

interface DepthSpec {
  readonly block: 'basic' | 'bottleneck';
  readonly layers: readonly number[];
  readonly width: number;
  /** `large`: 7x7 (or deep) stride-2 stem and a max pool. `small`: one 3x3 stride-1 stem, no pool. */
  readonly images: 'large' | 'small';
}

/** What each depth is made of. Everything else follows from this table and the variant. */
export const DEPTHS: Readonly<Record<Depth, DepthSpec>> = {
  18: { block: 'basic', layers: [2, 2, 2, 2], width: 64, images: 'large' },
  34: { block: 'basic', layers: [3, 4, 6, 3], width: 64, images: 'large' },
  50: { block: 'bottleneck', layers: [3, 4, 6, 3], width: 64, images: 'large' },
  101: { block: 'bottleneck', layers: [3, 4, 23, 3], width: 64, images: 'large' },
  152: { block: 'bottleneck', layers: [3, 8, 36, 3], width: 64, images: 'large' },
  20: { block: 'basic', layers: [3, 3, 3], width: 16, images: 'small' },
  32: { block: 'basic', layers: [5, 5, 5], width: 16, images: 'small' },
  44: { block: 'basic', layers: [7, 7, 7], width: 16, images: 'small' },
  56: { block: 'basic', layers: [9, 9, 9], width: 16, images: 'small' },
  110: { block: 'basic', layers: [18, 18, 18], width: 16, images: 'small' },
};

export const VARIANTS: readonly Variant[] = ['a', 'b', 'c', 'd'];

/** How to build a ResNet. Only `depth` is required. */
export interface ResNetOptions {
  readonly depth: Depth;
  /** Default `'b'`, which is what timm and torchvision call plain `resnet50`; the paper's baseline is `'a'`. */
  readonly variant?: Variant;
  /** Default 1000. */
  readonly numClasses?: number;
  /** Start the last batch norm of every residual block at gamma 0 (the paper's section 3.1). Default true. */
  readonly zeroGamma?: boolean;
  /**
   * Drop rate of the last residual block in training, 0 <= rate < 1 (Huang et al. 2016): the first block has 0, and the rates
   * between grow linearly. Default 0, none.
   */
  readonly stochasticDepth?: number;
  /** Default `'xavier'`. */
  readonly init?: Init;
  /** One integer from which every initial value follows. Default 42. */
  readonly seed?: number;
  /** Default 3. */
  readonly inputChannels?: number;
  /** Prefix of the TensorFlow.js variable names and `model.name`. Default: timm's name, e.g. `resnet50d`. */
  readonly name?: string;
  /** Residual blocks per stage, for networks that have no name. Default: those of `depth`. */
  readonly layers?: readonly number[];
  /** Channels of the first stage, even; each next stage doubles them. Default 64, or 16 for the small depths. */
  readonly width?: number;
}

/** A resolved configuration: plain JSON, and `resnet(config)` builds the same network again. */
export type ResNetConfig = Required<ResNetOptions>;

/** timm's name of a depth and variant: plain for B, which is timm's own default. */
export function canonicalName(depth: Depth, variant: Variant): string {
  return `resnet${depth}${variant === 'b' ? '' : variant}`;
}

const CALLER = 'resnet';

/** Fills in the defaults and refuses what no network can be built from. */
export function resolveConfig(options: ResNetOptions): ResNetConfig {
  expectOneOf(CALLER, 'depth', options.depth, Object.keys(DEPTHS).map(Number));
  const { depth, variant = 'b' } = options;
  expectOneOf(CALLER, 'variant', variant, VARIANTS);
  const defaults = {
    depth,
    variant,
    numClasses: 1000,
    zeroGamma: true,
    stochasticDepth: 0,
    init: 'xavier' as const,
    seed: 42,
    inputChannels: 3,
    name: canonicalName(depth, variant),
    layers: DEPTHS[depth].layers,
    width: DEPTHS[depth].width,
  };
  for (const option of Object.keys(options))
    expectOneOf(CALLER, 'every option', option, Object.keys(defaults));
  const config: ResNetConfig = { ...defaults, ...options };
  expectCommonConfig(CALLER, config);
  expectInteger(CALLER, 'width', config.width, 2);
  if (config.width % 2 !== 0) {
    throw new RangeError(
      `resnet: expected width to be even (the deep stem halves it), got ${config.width}.`,
    );
  }
  if (!Array.isArray(config.layers) || config.layers.length === 0) {
    throw new RangeError(
      `resnet: expected layers to list the blocks of each stage, got ${JSON.stringify(config.layers)}.`,
    );
  }
  for (const blocks of config.layers) expectInteger(CALLER, 'each entry of layers', blocks, 1);
  return config;
}
