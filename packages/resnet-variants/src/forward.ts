import type { Layers } from '@bag-of-tricks/network-layers';
import type { Architecture, ResidualBlock } from './architecture.ts';
import { attend } from './attention.ts';

/** What a block adds to its branch: its input, the input's projection, or the input with more channels. */
export function shortcutPath<T>(x: T, { shortcut }: ResidualBlock, layers: Layers<T>): T {
  if (!shortcut) return x;
  if ('padding' in shortcut) {
    return layers.padChannels(layers.subsample(x, shortcut.stride), shortcut.padding);
  }
  return layers.convNorm(shortcut.averagePool ? layers.averagePool(x) : x, shortcut.layer);
}

/** The sum of the residual branch and the shortcut, before the block's last ReLU. */
export function residualSum<T>(x: T, block: ResidualBlock, layers: Layers<T>): T {
  let y = x;
  for (const [index, layer] of block.branch.entries()) {
    y = layers.convNorm(index === 0 ? y : layers.relu(y), layer);
  }
  if (block.attention) y = attend(y, block.attention, layers);
  y = layers.dropPaths(y, block.dropRate);
  return layers.add(y, shortcutPath(x, block, layers));
}

/** Everything before the classifier's average: feature maps [batch, height / 32, width / 32, features]. */
export function featureMaps<T>(images: T, architecture: Architecture, layers: Layers<T>): T {
  let x = images;
  for (const layer of architecture.stem) x = layers.relu(layers.convNorm(x, layer));
  if (architecture.maxPool) x = layers.maxPoolAfterRelu(x);
  for (const block of architecture.blocks) x = layers.relu(residualSum(x, block, layers));
  return x;
}
