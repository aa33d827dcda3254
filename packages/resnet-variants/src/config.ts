import {
  COMMON_DEFAULTS,
  type CommonOptions,
  expectInteger,
  expectOneOf,
  withDefaults,
} from '@bag-of-tricks/network-layers';

/**
 * The four architectures of the paper's section 4.2: A is the original network, each next letter includes the one before. T is timm's D with
 * 24, 32 and 64 channels in the stem.
 */
export type Variant = 'a' | 'b' | 'c' | 'd' | 't';

/** Depths with a four-stage ImageNet layout or a three-stage layout for small images (20, 32, 44, 56, 110: `6n + 2`). */
export type Depth = 10 | 14 | 18 | 20 | 26 | 32 | 34 | 44 | 50 | 56 | 101 | 110 | 152 | 200 | 269;

interface DepthSpec {
  readonly block: 'basic' | 'bottleneck';
  readonly layers: readonly number[];
  readonly width: number;
  /** `large`: 7x7 (or deep) stride-2 stem and a max pool. `small`: one 3x3 stride-1 stem, no pool. */
  readonly images: 'large' | 'small';
}

/** What each depth is made of. Everything else follows from this table and the variant. */
export const DEPTHS: Readonly<Record<Depth, DepthSpec>> = {
  10: { block: 'basic', layers: [1, 1, 1, 1], width: 64, images: 'large' },
  14: { block: 'bottleneck', layers: [1, 1, 1, 1], width: 64, images: 'large' },
  26: { block: 'bottleneck', layers: [2, 2, 2, 2], width: 64, images: 'large' },
  18: { block: 'basic', layers: [2, 2, 2, 2], width: 64, images: 'large' },
  34: { block: 'basic', layers: [3, 4, 6, 3], width: 64, images: 'large' },
  50: { block: 'bottleneck', layers: [3, 4, 6, 3], width: 64, images: 'large' },
  101: { block: 'bottleneck', layers: [3, 4, 23, 3], width: 64, images: 'large' },
  152: { block: 'bottleneck', layers: [3, 8, 36, 3], width: 64, images: 'large' },
  200: { block: 'bottleneck', layers: [3, 24, 36, 3], width: 64, images: 'large' },
  269: { block: 'bottleneck', layers: [3, 30, 48, 8], width: 64, images: 'large' },
  20: { block: 'basic', layers: [3, 3, 3], width: 16, images: 'small' },
  32: { block: 'basic', layers: [5, 5, 5], width: 16, images: 'small' },
  44: { block: 'basic', layers: [7, 7, 7], width: 16, images: 'small' },
  56: { block: 'basic', layers: [9, 9, 9], width: 16, images: 'small' },
  110: { block: 'basic', layers: [18, 18, 18], width: 16, images: 'small' },
};

export const VARIANTS: readonly Variant[] = ['a', 'b', 'c', 'd', 't'];

/** How to build a ResNet. Only `depth` is required. */
export interface ResNetOptions extends CommonOptions {
  readonly depth: Depth;
  /** Default `'b'`, which is what timm and torchvision call plain `resnet50`; the paper's baseline is `'a'`. */
  readonly variant?: Variant;
  /**
   * Drop rate of the last residual block in training, 0 <= rate < 1 (Huang et al. 2016): the first block has 0, and the rates
   * between grow linearly. Default 0, none.
   */
  readonly stochasticDepth?: number;
  /** Prefix of the TensorFlow.js variable names and `model.name`. Default: timm's name, e.g. `resnet50d`. */
  readonly name?: string;
  /** Residual blocks per stage, for networks that have no name. Default: those of `depth`. */
  readonly layers?: readonly number[];
  /** Channels of the first stage, even; each next stage doubles them. Default 64, or 16 for the small depths. */
  readonly width?: number;
  /** Channels of a bottleneck's 3x3 where the first stage has 64, or of each of its groups. Default 64. */
  readonly baseWidth?: number;
  /** Groups of a bottleneck's 3x3 (ResNeXt, Xie et al. 2017). Default 1. */
  readonly cardinality?: number;
  /** Gates each channel of a residual branch: squeeze and excitation (Hu et al. 2018) or ECA (Wang et al. 2020). Default `'none'`. */
  readonly attention?: 'none' | 'se' | 'eca';
  /**
   * Where the shape changes: a 1x1 convolution, or every second pixel with channels of zeros around, as the CIFAR networks of
   * He et al. 2016. Default `'projection'`.
   */
  readonly shortcut?: 'projection' | 'pad';
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
  const config = withDefaults<ResNetConfig>(CALLER, options, {
    depth,
    variant,
    ...COMMON_DEFAULTS,
    name: canonicalName(depth, variant),
    layers: DEPTHS[depth].layers,
    width: DEPTHS[depth].width,
    baseWidth: 64,
    cardinality: 1,
    attention: 'none',
    shortcut: 'projection',
  });
  expectInteger(CALLER, 'width', config.width, 2);
  if (config.width % 2 !== 0) {
    throw new RangeError(
      `resnet: expected width to be even (the deep stem halves it), got ${config.width}.`,
    );
  }
  expectOneOf(CALLER, 'attention', config.attention, ['none', 'se', 'eca']);
  expectOneOf(CALLER, 'shortcut', config.shortcut, ['projection', 'pad']);
  if (config.shortcut === 'pad' && (variant === 'd' || variant === 't')) {
    throw new RangeError(
      `resnet: expected shortcut to be projection in variant ${variant}, got pad. Its average pool is before a projection; take variant b.`,
    );
  }
  expectInteger(CALLER, 'baseWidth', config.baseWidth, 1);
  expectInteger(CALLER, 'cardinality', config.cardinality, 1);
  if (DEPTHS[depth].block === 'basic' && (config.baseWidth !== 64 || config.cardinality !== 1)) {
    throw new RangeError(
      `resnet: expected baseWidth 64 and cardinality 1 at depth ${depth}, got ${config.baseWidth} and ${config.cardinality}. Only bottlenecks have them.`,
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
