import type { Layers, ParameterSpec } from '@bag-of-tricks/network-layers';
import type { ResNetConfig } from './config.ts';

/** A gate for each channel, computed from the channels' means. */
export interface Attention {
  readonly kind: 'se' | 'eca';
  /** timm's module name, e.g. `layer1.0.se`. */
  readonly name: string;
  readonly channels: number;
  /** se: channels between the two layers; eca: neighbours that a channel looks at, itself included. */
  readonly size: number;
}

/** The sizes are timm's: a 16th of the channels, rounded to a multiple of 8; or log2(channels) / 2 + 1 / 2, made odd, at least 3. */
function sizeOf(kind: Attention['kind'], channels: number): number {
  if (kind === 'se') return Math.max(8, Math.floor((channels / 16 + 4) / 8) * 8);
  const size = Math.floor((Math.log2(channels) + 1) / 2);
  return Math.max(3, size % 2 === 1 ? size : size + 1);
}

export function attentionOf(
  kind: ResNetConfig['attention'],
  name: string,
  channels: number,
): Attention | null {
  return kind === 'none' ? null : { kind, name, channels, size: sizeOf(kind, channels) };
}

/** In the order of timm's `state_dict()`. */
export function attentionParameters({ kind, name, channels, size }: Attention): ParameterSpec[] {
  if (kind === 'eca') return [{ name: `${name}.conv.weight`, kind: 'kernel', shape: [1, 1, size] }];
  return [
    { name: `${name}.fc1.weight`, kind: 'kernel', shape: [1, 1, channels, size] },
    { name: `${name}.fc1.bias`, kind: 'bias', shape: [size] },
    { name: `${name}.fc2.weight`, kind: 'kernel', shape: [1, 1, size, channels] },
    { name: `${name}.fc2.bias`, kind: 'bias', shape: [channels] },
  ];
}

/** Multiply-adds of one image's gates. */
export function attentionMacs({ kind, channels, size }: Attention): number {
  return kind === 'se' ? 2 * channels * size : channels * size;
}

/** x * sigmoid(gate(mean over height and width)). se: gate = fc2(relu(fc1)); eca: a convolution of the channels in their order. */
export function attend<T>(x: T, { kind, name }: Attention, layers: Layers<T>): T {
  const means = layers.channelMeans(x);
  if (kind === 'eca') return layers.gate(x, layers.channelConvolution(means, `${name}.conv`));
  const squeezed = layers.relu(layers.dense(means, `${name}.fc1`));
  return layers.gate(x, layers.dense(squeezed, `${name}.fc2`));
}
