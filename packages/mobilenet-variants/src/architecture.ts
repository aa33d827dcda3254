import {
  type ConvNorm,
  convNormParameters,
  denseParameters,
  type ParameterSpec,
} from '@bag-of-tricks/network-layers';
import type { Family, MobileNetConfig } from './config.ts';

/** Convolutions in a row, each with batch norm and, but for a linear last one, an activation. */
export interface MobileBlock {
  readonly layers: readonly ConvNorm[];
  readonly linearLast: boolean;
  /** Whether the block's input is added to its output. */
  readonly shortcut: boolean;
  /** The share of the images whose layers are left out in training. */
  readonly dropRate: number;
}

/** A network as data: the forward pass, the parameters and the counts all walk this. */
export interface Architecture {
  readonly stem: ConvNorm;
  readonly blocks: readonly MobileBlock[];
  readonly head: ConvNorm | null;
  readonly features: number;
}

interface Stage {
  /** Channels between the 1x1 convolutions over input channels; null: no first 1x1. */
  readonly expansion: number | null;
  readonly kernelSize: number;
  readonly stride: number;
  readonly channels: number;
  readonly blocks: number;
}

/** `expansion kernelSize stride channels blocks` of each stage, as the papers' tables list them; `-`: no expansion. */
const STAGES: Readonly<Record<Family, readonly Stage[]>> = {
  mobilenetv1: stages('- 3 1 64 1', '- 3 2 128 2', '- 3 2 256 2', '- 3 2 512 6', '- 3 2 1024 2'),
  mobilenetv2: stages(
    ...['- 3 1 16 1', '6 3 2 24 2', '6 3 2 32 3', '6 3 2 64 4'],
    ...['6 3 1 96 3', '6 3 2 160 3', '6 3 1 320 1'],
  ),
  efficientnet_lite: stages(
    ...['- 3 1 16 1', '6 3 2 24 2', '6 5 2 40 2', '6 3 2 80 3'],
    ...['6 5 1 112 3', '6 5 2 192 4', '6 3 1 320 1'],
  ),
};

function stages(...rows: readonly string[]): Stage[] {
  return rows.map((row) => {
    const [expansion, kernelSize, stride, channels, blocks] = row.split(' ').map(Number) as [
      ...[number, number, number, number, number],
    ];
    return {
      expansion: Number.isNaN(expansion) ? null : expansion,
      kernelSize,
      stride,
      channels,
      blocks,
    };
  });
}

/** The multiple of 8 that is nearest, and not more than a tenth below: the rule of MobileNetV2's reference code. */
export function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** A depthwise separable block, or an inverted residual one, at stride 1 or 2. */
function layersOf(
  name: string,
  { expansion, kernelSize }: Stage,
  stride: number,
  inputChannels: number,
  outputChannels: number,
): ConvNorm[] {
  const inner = expansion === null ? inputChannels : roundChannels(inputChannels * expansion);
  const layers: Omit<ConvNorm, 'norm'>[] = [
    {
      conv: `${name}.conv_dw`,
      kernelSize,
      stride,
      inputChannels: inner,
      outputChannels: inner,
      groups: inner,
    },
    {
      conv: `${name}.${expansion === null ? 'conv_pw' : 'conv_pwl'}`,
      kernelSize: 1,
      stride: 1,
      inputChannels: inner,
      outputChannels,
    },
  ];
  if (expansion !== null) {
    layers.unshift({
      conv: `${name}.conv_pw`,
      kernelSize: 1,
      stride: 1,
      inputChannels,
      outputChannels: inner,
    });
  }
  return layers.map((layer, index) => ({ ...layer, norm: `${name}.bn${index + 1}` }));
}

function blocksOf(config: MobileNetConfig, stemChannels: number): MobileBlock[] {
  const { family, width, depth, fixEnds, stochasticDepth, zeroGamma } = config;
  const table = STAGES[family];
  const counts = table.map(({ blocks }, stage) =>
    fixEnds && (stage === 0 || stage === table.length - 1) ? blocks : Math.ceil(blocks * depth),
  );
  const count = counts.reduce((sum, blocks) => sum + blocks, 0);
  const blocks: MobileBlock[] = [];
  let inputChannels = stemChannels;
  for (const [stage, row] of table.entries()) {
    for (let index = 0; index < counts[stage]!; index++) {
      const stride = index === 0 ? row.stride : 1;
      const outputChannels = roundChannels(row.channels * width);
      const shortcut = family !== 'mobilenetv1' && stride === 1 && inputChannels === outputChannels;
      const layers = layersOf(
        `blocks.${stage}.${index}`,
        row,
        stride,
        inputChannels,
        outputChannels,
      ).map((layer, at, all) => ({
        ...layer,
        zeroGamma: zeroGamma && shortcut && at === all.length - 1,
      }));
      const dropRate = (stochasticDepth * blocks.length) / count;
      blocks.push({ layers, linearLast: family !== 'mobilenetv1', shortcut, dropRate });
      inputChannels = outputChannels;
    }
  }
  return blocks;
}

/** Lays out the network that a configuration names. */
export function architectureOf(config: MobileNetConfig): Architecture {
  const { family, width, fixEnds, inputChannels } = config;
  const stem: ConvNorm = {
    conv: 'conv_stem',
    norm: 'bn1',
    kernelSize: 3,
    stride: 2,
    inputChannels,
    outputChannels: fixEnds ? 32 : roundChannels(32 * width),
  };
  const blocks = blocksOf(config, stem.outputChannels);
  const last = blocks.at(-1)!.layers.at(-1)!.outputChannels;
  const full = family === 'mobilenetv1' ? 1024 : 1280;
  const head: ConvNorm | null = config.head
    ? {
        conv: 'conv_head',
        norm: 'bn2',
        kernelSize: 1,
        stride: 1,
        inputChannels: last,
        outputChannels: fixEnds ? full : Math.max(full, roundChannels(full * width)),
      }
    : null;
  return { stem, blocks, head, features: head?.outputChannels ?? last };
}

/** Every convolution of a network with its batch norm, in timm's order. */
export function convNormsOf({ stem, blocks, head }: Architecture): ConvNorm[] {
  return [stem, ...blocks.flatMap(({ layers }) => layers), ...(head ? [head] : [])];
}

/** Every parameter and buffer of a network, in the order of timm's `state_dict()`. */
export function parameterSpecs(
  architecture: Architecture,
  { numClasses }: MobileNetConfig,
): ParameterSpec[] {
  return [
    ...convNormsOf(architecture).flatMap(convNormParameters),
    ...denseParameters('classifier', architecture.features, numClasses),
  ];
}
