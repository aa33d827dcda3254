import {
  type ConvNorm,
  convNormParameters,
  denseParameters,
  type ParameterSpec,
} from '@bag-of-tricks/network-layers';
import { type Attention, attentionOf, attentionParameters } from './attention.ts';
import { DEPTHS, type ResNetConfig } from './config.ts';

/**
 * What stands beside a residual branch where the shape changes: a projection, before which an average pool may have the stride, or the
 * input with channels of zeros on both sides.
 */
export type Shortcut =
  | { readonly averagePool: boolean; readonly layer: ConvNorm }
  | { readonly stride: number; readonly padding: readonly [before: number, after: number] };

export interface ResidualBlock {
  readonly branch: readonly ConvNorm[];
  /** Gates the branch's channels. */
  readonly attention: Attention | null;
  /** null where the shape does not change: the shortcut is the identity. */
  readonly shortcut: Shortcut | null;
  /** The share of the images whose branch is left out in training. */
  readonly dropRate: number;
}

/** A network as data: the forward pass, the parameters and the counts all walk this. */
export interface Architecture {
  readonly stem: readonly ConvNorm[];
  readonly maxPool: boolean;
  readonly blocks: readonly ResidualBlock[];
  readonly features: number;
}

type Layer = readonly [
  conv: string,
  norm: string,
  kernelSize: number,
  stride: number,
  channels: number,
  groups?: number,
];

/** Chains layers: each one's input channels are the output channels of the one before. */
function chain(inputChannels: number, layers: readonly Layer[], zeroLastGamma = false): ConvNorm[] {
  return layers.map(([conv, norm, kernelSize, stride, outputChannels, groups = 1], index) => ({
    conv,
    norm,
    kernelSize,
    stride,
    inputChannels: index === 0 ? inputChannels : layers[index - 1]![4],
    outputChannels,
    groups,
    zeroGamma: zeroLastGamma && index === layers.length - 1,
  }));
}

function stemOf({ depth, variant, inputChannels, width }: ResNetConfig): ConvNorm[] {
  if (DEPTHS[depth].images === 'small') {
    return chain(inputChannels, [['conv1', 'bn1', 3, 1, width]]);
  }
  if (variant === 'a' || variant === 'b') {
    return chain(inputChannels, [['conv1', 'bn1', 7, 2, width]]);
  }
  return chain(inputChannels, [
    ['conv1.0', 'conv1.1', 3, 2, variant === 't' ? Math.floor(width / 8) * 3 : width / 2],
    ['conv1.3', 'conv1.4', 3, 1, width / 2],
    ['conv1.6', 'bn1', 3, 1, width],
  ]);
}

function branchLayers(config: ResNetConfig, name: string, stride: number, width: number): Layer[] {
  if (DEPTHS[config.depth].block === 'basic') {
    return [
      [`${name}.conv1`, `${name}.bn1`, 3, stride, width],
      [`${name}.conv2`, `${name}.bn2`, 3, 1, width],
    ];
  }
  const { variant, baseWidth, cardinality } = config;
  const inner = Math.floor(width * (baseWidth / 64)) * cardinality;
  const strideIsInFirst = variant === 'a';
  return [
    [`${name}.conv1`, `${name}.bn1`, 1, strideIsInFirst ? stride : 1, inner],
    [`${name}.conv2`, `${name}.bn2`, 3, strideIsInFirst ? 1 : stride, inner, cardinality],
    [`${name}.conv3`, `${name}.bn3`, 1, 1, width * 4],
  ];
}

function shortcutOf(
  { variant, shortcut }: ResNetConfig,
  name: string,
  stride: number,
  inputChannels: number,
  outputChannels: number,
): Shortcut | null {
  if (stride === 1 && inputChannels === outputChannels) return null;
  if (shortcut === 'pad') {
    const before = Math.floor((outputChannels - inputChannels) / 2);
    return { stride, padding: [before, outputChannels - inputChannels - before] };
  }
  // In D timm's module 0 is the pool (or, at stride 1, an identity), so the convolution is module 1.
  const pooled = variant === 'd' || variant === 't';
  const first = pooled ? 1 : 0;
  const convolutionStride = pooled ? 1 : stride;
  const [layer] = chain(inputChannels, [
    [
      `${name}.downsample.${first}`,
      `${name}.downsample.${first + 1}`,
      1,
      convolutionStride,
      outputChannels,
    ],
  ]);
  return { averagePool: pooled && stride === 2, layer: layer! };
}

/**
 * The drop rate of one residual block by the linear rule of Huang et al. 2016, section 4: `rate * index / (blocks - 1)`, as
 * timm's `drop_path_rate`. The paper's rule starts a step later, with `rate / blocks` in the first block.
 */
function linearDropRate(rate: number, index: number, blocks: number): number {
  return index === 0 ? 0 : (rate * index) / (blocks - 1);
}

/** Lays out the network that a configuration names. */
export function architectureOf(config: ResNetConfig): Architecture {
  const stem = stemOf(config);
  const blocks: ResidualBlock[] = [];
  const count = config.layers.reduce((sum, layers) => sum + layers, 0);
  let channels = config.width;
  for (const [stage, layers] of config.layers.entries()) {
    for (let index = 0; index < layers; index++) {
      const name = `layer${stage + 1}.${index}`;
      const stride = index === 0 && stage > 0 ? 2 : 1;
      const branch = chain(
        channels,
        branchLayers(config, name, stride, config.width * 2 ** stage),
        config.zeroGamma,
      );
      const { outputChannels } = branch.at(-1)!;
      blocks.push({
        branch,
        attention: attentionOf(config.attention, `${name}.se`, outputChannels),
        shortcut: shortcutOf(config, name, stride, channels, outputChannels),
        dropRate: linearDropRate(config.stochasticDepth, blocks.length, count),
      });
      channels = outputChannels;
    }
  }
  return { stem, maxPool: DEPTHS[config.depth].images === 'large', blocks, features: channels };
}

/** Every parameter and buffer of a network, in the order of timm's `state_dict()`. */
export function parameterSpecs(
  { stem, blocks, features }: Architecture,
  { numClasses }: ResNetConfig,
): ParameterSpec[] {
  return [
    ...stem.flatMap(convNormParameters),
    ...blocks.flatMap(({ branch, attention, shortcut }) => [
      ...branch.flatMap(convNormParameters),
      ...(attention ? attentionParameters(attention) : []),
      ...(shortcut && 'layer' in shortcut ? convNormParameters(shortcut.layer) : []),
    ]),
    ...denseParameters('fc', features, numClasses),
  ];
}
